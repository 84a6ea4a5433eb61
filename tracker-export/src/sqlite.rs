//! Databases that come from anywhere, opened for reading.

use std::{collections::BTreeSet, fs::File, io::Read as _, path::Path, time::Duration};

use rusqlite::{Connection, ErrorCode, OpenFlags, Row, config::DbConfig, types::ValueRef};

use crate::Error;

/// The most bytes of one text that [`text`] gives.
pub(crate) const LONGEST_TEXT: u32 = 1 << 20;

/// Whether a file begins as databases do.
pub(crate) fn is_database(path: &Path) -> bool {
    let mut beginning = [0; 16];
    let is_file = path.metadata().is_ok_and(|known| known.is_file());
    let read = || File::open(path)?.read_exact(&mut beginning);
    is_file && { read }().is_ok() && beginning == *b"SQLite format 3\0"
}

/// Opens a database so that nothing in it can make its reader do anything but read tables.
pub(crate) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags).and_then(guarded);
    match opened {
        // SQLite wants to make files beside a database with a log of its own; in a folder that cannot be written it
        // reads one that nobody writes to.
        Err(error) if is_of_the_folder(&error) && !has_log(path) => {
            let address = format!("file:{}?immutable=1", in_address(path));
            let flags = flags | OpenFlags::SQLITE_OPEN_URI;
            Connection::open_with_flags(address, flags).and_then(guarded)
        }
        opened => opened,
    }
}

fn guarded(connection: Connection) -> rusqlite::Result<Connection> {
    connection.busy_timeout(Duration::from_secs(20))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    connection.execute_batch(
        "PRAGMA query_only = ON; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0",
    )?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

fn is_of_the_folder(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(code, Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied))
}

fn has_log(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    Path::new(&log).metadata().is_ok_and(|log| log.len() > 0)
}

fn in_address(path: &Path) -> String {
    path.display().to_string().replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}

/// The columns of a table; `None` if there is none of this name that is a plain table.
pub(crate) fn columns_of(
    connection: &Connection,
    table: &str,
) -> rusqlite::Result<Option<BTreeSet<String>>> {
    let query = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1 \
                 AND upper(sql) NOT LIKE 'CREATE VIRTUAL%'";
    let count: i64 = connection.query_row(query, [table], |row| row.get(0))?;
    if count != 1 {
        return Ok(None);
    }
    // Columns that are computed are none: their formula may be anything.
    let mut statement =
        connection.prepare("SELECT name FROM pragma_table_xinfo(?1) WHERE hidden = 0")?;
    let names = statement.query_map([table], |row| row.get(0))?;
    names.collect::<rusqlite::Result<_>>().map(Some)
}

/// The text or number in a column; `None` of anything else, and of what is too long.
pub(crate) fn text(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<String>> {
    Ok(match row.get_ref(column)? {
        ValueRef::Text(text) if text.len() <= LONGEST_TEXT as usize => {
            Some(String::from_utf8_lossy(text).into_owned())
        }
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        _ => None,
    })
}

/// The whole number in a column, if it is one.
pub(crate) fn integer(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<i64>> {
    Ok(match row.get_ref(column)? {
        ValueRef::Integer(number) => Some(number),
        _ => None,
    })
}

/// Why a database cannot be read, with a way out.
pub(crate) fn unreadable(path: &Path, error: &rusqlite::Error) -> Error {
    let hint = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "try again when its program writes less"
        }
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            "copy the file, with those named -wal and -journal beside it, to a folder that can be written"
        }
        _ => "look at it with `sqlite3 FILE 'pragma integrity_check'`, or take it from a backup",
    };
    let what = format!("failed to read {}: {error}", path.display());
    Error::Unusable { what, hint: hint.to_owned() }
}
