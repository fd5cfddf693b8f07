//! Real servers, and what the program asks of the machine: the tests are in `tests/servers/*.py`.
//! Servers listen on loopback, or on a socket in a temporary folder.

use crate::support::python::run;

#[test]
fn prometheus_answers_what_was_put_into_it() {
    let tools = ["python3", "prometheus", "promtool", "curl"];
    run("tests/servers/test_prometheus.py", &tools);
}

#[test]
fn postgres_tells_how_large_tables_are() {
    run("tests/servers/test_postgres.py", &["python3", "psql"]);
}

#[test]
fn no_command_opens_a_socket() {
    run(
        "tests/servers/test_network.py",
        &["python3", "strace", "git", "nm"],
    );
}
