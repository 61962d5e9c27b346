//! What is seen in statements, and what is not.

use proptest::prelude::*;

use super::*;

fn effect(sql: &str) -> Effect {
    look(sql).effect
}

#[test]
fn a_single_query_reads_only() {
    for sql in ["SELECT 1", "select 1", "SHOW x", "EXPLAIN SELECT 1"] {
        assert!(look(sql).reads_only, "{sql}");
    }
    for sql in ["SELECT 1; DELETE FROM t", "UPDATE t SET x = 1", "", "SELEC"] {
        assert!(!look(sql).reads_only, "{sql}");
    }
}

#[test]
fn transaction_control_is_seen_past_blanks_comments_and_case() {
    for sql in [
        "BEGIN",
        "  begin work",
        "/* a /* nested */ comment */ -- and a line\n CoMmIt",
        "start transaction",
        "rollback to savepoint x",
        "END;",
        "PREPARE TRANSACTION 'x'",
    ] {
        assert_eq!(effect(sql), Effect::ControlsTransaction, "{sql}");
    }
}

#[test]
fn every_statement_of_a_script_is_looked_at() {
    assert_eq!(
        effect("INSERT INTO t VALUES (';'); commit; SELECT 1"),
        Effect::ControlsTransaction
    );
    assert_eq!(effect("SELECT 1; SET x = 1"), Effect::Taints);
    for text in [
        "; COMMIT",
        "INSERT INTO t VALUES (1); COMMIT",
        "SELECT 1 AS a$$; COMMIT; SELECT 2 AS b$$",
        r"SELECT E'a''\''; COMMIT",
        "CREATE TABLE t (x int); END",
    ] {
        assert_eq!(effect(text), Effect::ControlsTransaction, "{text}");
    }
    let hidden = r"SELECT E'\''; COMMIT; SELECT ''";
    assert_eq!(effect(hidden), Effect::ControlsTransaction);
}

#[test]
fn quotes_hide_what_is_in_them() {
    for sql in [
        "SELECT 'a; COMMIT'; SELECT \"; ROLLBACK\"",
        "CREATE FUNCTION f() RETURNS void AS $$ BEGIN; END; $$ LANGUAGE plpgsql",
        "SELECT 1 /* ; COMMIT */ -- ; COMMIT",
        r"SELECT E'\'; COMMIT; ', e'\\'",
        "SELECT $1, $2",
    ] {
        assert_eq!(effect(sql), Effect::None, "{sql}");
    }
}

#[test]
fn the_body_of_a_trigger_or_a_procedure_is_its_own() {
    for sql in [
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET x = 1; DELETE FROM c; END",
        "CREATE PROCEDURE p() BEGIN ATOMIC INSERT INTO a VALUES (1); END; SELECT 1",
    ] {
        assert_eq!(effect(sql), Effect::None, "{sql}");
    }
    let after = "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END; COMMIT";
    assert_eq!(effect(after), Effect::ControlsTransaction);
}

#[test]
fn settings_of_the_session_taint_and_those_of_the_transaction_do_not() {
    assert_eq!(effect("SET search_path = x"), Effect::Taints);
    assert_eq!(effect("LISTEN news"), Effect::Taints);
    assert_eq!(effect("CREATE TEMP TABLE t (x int)"), Effect::Taints);
    let view = "CREATE OR REPLACE TEMP VIEW v AS SELECT 1";
    assert_eq!(effect(view), Effect::Taints);
    assert_eq!(effect("SET LOCAL lock_timeout = 1"), Effect::None);
    assert_eq!(effect("CREATE TABLE t (x int)"), Effect::None);
}

#[test]
fn text_that_never_ends_is_no_trouble() {
    for sql in ["'", "$$", "/*", "$a$ ;", "\"", "-- ", "", "é'é"] {
        assert_eq!(effect(sql), Effect::None, "{sql}");
    }
}

/// Pieces of which SQL is made, and of which it goes wrong.
fn piece() -> impl Strategy<Value = String> {
    let known = [
        "SELECT 1",
        ";",
        "'",
        "''",
        "\"",
        "$$",
        "$a$",
        "--",
        "\n",
        "/*",
        "*/",
        "E'",
        "\\",
        "é",
        " ",
        "COMMIT",
        "CREATE TRIGGER t BEGIN",
        "END",
        "SET x = 1",
        "$",
        "1",
    ];
    prop_oneof![
        4 => prop::sample::select(known.to_vec()).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_can_be_looked_at(pieces in prop::collection::vec(piece(), 0..12)) {
        let sql = pieces.concat();
        effect(&sql);
    }

    #[test]
    fn a_commit_after_statements_that_end_is_seen(
        values in prop::collection::vec("[a-z;$\"/*-]{0,8}", 0..4),
        blank in "[ \n\t]{0,3}",
    ) {
        let mut inserts = String::new();
        for value in &values {
            let comment = value.replace(['/', '*'], "");
            inserts.extend(["INSERT INTO t VALUES ('", value, "'); /* ", &comment, " */"]);
        }
        let sql = format!("{inserts}{blank}COMMIT");
        prop_assert_eq!(effect(&sql), Effect::ControlsTransaction, "{}", sql);
        let sql = format!("{inserts} SELECT 1");
        prop_assert_eq!(effect(&sql), Effect::None, "{}", sql);
    }
}
