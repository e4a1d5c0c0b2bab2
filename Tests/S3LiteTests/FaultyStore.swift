import S3Client
import S3Lite
import S3Testing
import Synchronization
import Testing

/// Calls of one kind, to the file system or to commit, of which one fails.
final class CountedCalls: Sendable {
    private let call: String
    private let faulty: Int
    private let errno: Int32
    /// How many there were; nil while they don't count.
    private let count = Mutex<Int?>(nil)

    init(_ call: String, faulty: Int, errno: Int32) {
        (self.call, self.faulty, self.errno) = (call, faulty, errno)
    }

    /// Counts from now on.
    func start() { count.withLock { $0 = 0 } }
    func stop() { count.withLock { $0 = nil } }

    /// How many there were since the start.
    var made: Int { count.withLock { $0 ?? 0 } }

    /// Fails the nth call for as long as a run meets a fault.
    ///
    /// - Parameters:
    ///   - call: The kind of calls.
    ///   - errno: How they fail.
    ///   - run: A run; returns whether it met the fault.
    /// - Returns: How many runs did.
    /// - Throws: What a run throws.
    static func failEach(
        _ call: String,
        _ errno: Int32,
        _ run: (CountedCalls) async throws -> Bool
    ) async throws -> Int {
        var faults = 0
        while try await run(CountedCalls(call, faulty: faults + 1, errno: errno)) { faults += 1 }
        return faults
    }

    /// Runs a store in a folder, whose calls these are, with a client that tries once.
    func withStore<Value: Sendable>(
        in folder: String,
        durability: S3Configuration.Durability = .fsync,
        _ test: (S3Client) async throws -> Value
    ) async throws -> Value {
        try ForeignStore.skip("needs a store whose calls can fail")
        var configuration = S3Configuration(storage: .directory(folder, durability: durability))
        configuration.failure = { self.failure(of: $0) }
        return try await S3Service.with(configuration) { store in
            var options = S3ClientOptions()
            options.attempts = 1
            let client = try S3Client(
                endpoint: store.endpoint,
                credentials: store.credentials,
                options: options
            )
            defer { client.stop() }
            return try await test(client)
        }
    }

    private func failure(of call: String) -> Int32? {
        guard call == self.call else { return nil }
        return count.withLock { count in
            count = count.map { $0 + 1 }
            return count == faulty ? errno : nil
        }
    }
}

extension S3ClientError {
    /// The status of a refusal; nil if there was no answer.
    var status: Int? {
        guard case .refused(let refusal) = self else { return nil }
        return refusal.status
    }
}
