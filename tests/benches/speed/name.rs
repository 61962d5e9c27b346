//! What the contenders are called.

pub(crate) const OURS: &str = "session layer";
pub(crate) const REPOSITORY: &str = "repository";
pub(crate) const SEAORM: &str = "SeaORM, its pool";
pub(crate) const SEAORM_UNTESTED: &str = "SeaORM, its pool, no test on acquire";
pub(crate) const SQLX: &str = "sqlx, its pool";
pub(crate) const DEADPOOL: &str = "tokio-postgres, deadpool";
pub(crate) const RAW: &str = "sqlx, no pool";
pub(crate) const DIESEL: &str = "Diesel, r2d2";
pub(crate) const DIESEL_UNTESTED: &str = "Diesel, r2d2, no test on check-out";
pub(crate) const POSTGRES: &str = "postgres, no pool";
pub(crate) const PGBENCH: &str = "pgbench";
