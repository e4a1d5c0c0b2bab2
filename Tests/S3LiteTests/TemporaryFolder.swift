import Foundation

/// A folder that is gone after the test.
enum TemporaryFolder {
    /// Runs a closure with the path of a new name in the folder for temporary files.
    static func with<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        let url = FileManager.default.temporaryDirectory.appending(path: "s3lite-\(UUID().uuidString)")
        defer {
            // A store in memory makes no folder: there may be nothing to remove.
            try? FileManager.default.removeItem(at: url)
        }
        return try await body(url.path())
    }
}
