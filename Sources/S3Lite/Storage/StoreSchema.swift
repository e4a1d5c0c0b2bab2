import GRDB

/// The tables of the store and the settings of every connection to them.
enum StoreSchema {
    /// Grows with every change of the tables; kept in SQLite's `user_version`.
    static let version = 2

    private static let tables = """
        CREATE TABLE bucket(
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, location TEXT NOT NULL,
            tags TEXT NOT NULL DEFAULT ''
        );
        CREATE TABLE object(
            bucket INTEGER NOT NULL, key BLOB NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
            modified INTEGER NOT NULL, headers TEXT NOT NULL, tags TEXT NOT NULL, checksum TEXT,
            body INTEGER, PRIMARY KEY(bucket, key)
        ) WITHOUT ROWID;
        CREATE TABLE segment(
            bucket INTEGER NOT NULL, key BLOB NOT NULL, n INTEGER NOT NULL, size INTEGER NOT NULL,
            checksum TEXT, body INTEGER NOT NULL, PRIMARY KEY(bucket, key, n)
        ) WITHOUT ROWID;
        CREATE TABLE body(
            id INTEGER PRIMARY KEY, size INTEGER NOT NULL, refs INTEGER NOT NULL, name TEXT UNIQUE, data BLOB
        );
        CREATE TABLE upload(
            id TEXT PRIMARY KEY, bucket INTEGER NOT NULL, key BLOB NOT NULL, started INTEGER NOT NULL,
            headers TEXT NOT NULL, tags TEXT NOT NULL, checksum TEXT, kind TEXT NOT NULL,
            completed TEXT, result TEXT, ended INTEGER
        ) WITHOUT ROWID;
        CREATE INDEX upload_key ON upload(bucket, key, id) WHERE completed IS NULL;
        CREATE INDEX upload_age ON upload(coalesce(ended, started));
        CREATE TABLE part(
            upload TEXT NOT NULL, n INTEGER NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
            modified INTEGER NOT NULL, checksum TEXT, body INTEGER NOT NULL, PRIMARY KEY(upload, n)
        ) WITHOUT ROWID;
        """

    /// Prepares every connection, before anything is read or written.
    static func configuration(label: String) -> Configuration {
        var configuration = Configuration()
        configuration.label = label
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA page_size = 16384; PRAGMA wal_autocheckpoint = 4096;")
        }
        return configuration
    }

    /// Makes the tables, or refuses tables of another version.
    static func create(in database: Database) throws {
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        switch found {
        case version: return
        case 0:
            try database.inTransaction(.immediate) {
                try database.execute(sql: tables + "PRAGMA user_version = \(version);")
                return .commit
            }
        default: throw S3LiteError.schemaUnknown(version: found)
        }
    }

    /// Makes a commit wait until it is on the disk, and makes sure of it.
    ///
    /// GRDB sets NORMAL when it opens a pool, after `prepareDatabase`: so this comes last.
    static func requireFullSynchronization(of database: Database, isDurable: Bool) throws {
        try database.execute(sql: "PRAGMA synchronous = \(isDurable ? "FULL" : "NORMAL")")
        let level = try Int.fetchOne(database, sql: "PRAGMA synchronous")
        guard level == (isDurable ? 2 : 1) else { throw S3LiteError.notDurable }
    }
}
