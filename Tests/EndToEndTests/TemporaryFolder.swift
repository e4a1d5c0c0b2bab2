import Foundation

/// Runs a closure with a folder of its own, which is gone afterwards.
///
/// - Parameter body: Uses the folder.
/// - Returns: What the closure returns.
/// - Throws: What the closure throws, or what making the folder throws.
func withTemporaryFolder<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(
        path: "ingest-bench-test-\(UUID().uuidString)"
    )
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer {
        // A folder that can't be removed is the system's to clean; the test's verdict doesn't depend on it.
        try? FileManager.default.removeItem(at: folder)
    }
    return try await body(folder)
}
