//! The bytes that are in use in this process, whoever has allocated them.

pub(crate) use counted::in_use;

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod counted {
    use malloc_info::{
        info::{SystemType, TotalType},
        malloc_info,
    };

    /// What `malloc` has given out and not got back, each piece rounded up as it does. C gets its
    /// memory from there, and so does Rust from its system's allocator.
    pub(crate) fn in_use() -> i64 {
        let info = malloc_info().unwrap();
        let heap = info.system.iter().map(|part| match part.r#type {
            SystemType::Current => bytes(part.size),
            _ => 0,
        });
        let rest = info.total.iter().map(|part| match part.r#type {
            TotalType::Fast | TotalType::Rest => -bytes(part.size),
            TotalType::Mmap => bytes(part.size),
            TotalType::Other => 0,
        });
        heap.chain(rest).sum()
    }

    fn bytes(size: usize) -> i64 {
        i64::try_from(size).unwrap()
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
mod counted {
    /// What Rust has allocated: C is not asked here.
    pub(crate) fn in_use() -> i64 {
        let stats = crate::ALLOCATOR.stats();
        i64::try_from(stats.bytes_allocated - stats.bytes_deallocated).unwrap()
    }
}
