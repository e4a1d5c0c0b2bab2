import Foundation
import S3Client
import S3Wire

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What checksums, signatures and puts cost the processor.
struct Costs {
    private static let puts = 3000
    private static let body = [UInt8](repeating: 7, count: 5000)

    let options: BenchOptions
    let credentials: S3Credentials

    /// Prints a line for each: what, how much, the goal, and whether it was met.
    ///
    /// - Returns: Whether all goals were met.
    func report() async throws -> Bool {
        var allMet = true
        func line(_ name: String, _ value: Double, _ unit: String, _ goal: Double, isMet: Bool) {
            allMet = allMet && isMet
            let rounded = (value * 100).rounded() / 100
            print("\(name): \(rounded) \(unit) (goal \(goal))\(isMet ? "" : " MISSED")")
        }
        for (name, rate) in checksums() { line(name, rate, "GB/s", 1, isMet: rate >= 1) }
        let signing = try signature()
        line("signing", signing, "µs", 10, isMet: signing <= 10)
        for (name, cost) in [("async put", try await asyncPut()), ("blocking put", try blockingPut())] {
            line(name, cost, "µs of CPU", 120, isMet: cost <= 120)
        }
        return allMet
    }

    /// Gigabytes a second of the CRCs; the best of several passes, for whatever else ran made the others slower.
    private func checksums() -> [(String, Double)] {
        // Fits into the second-level cache: what is measured is the computing.
        let bytes = (0..<256 * 1024).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 7) }
        return [ChecksumAlgorithm.crc32, .crc32c, .crc64nvme].map { algorithm in
            let best = (0..<20).map { _ in
                ContinuousClock().measure {
                    for _ in 0..<64 {
                        let checksum = bytes.withUnsafeBytes { Checksum(algorithm, of: $0) }
                        // Used, or the compiler would leave the computing out.
                        precondition(checksum.algorithm == algorithm)
                    }
                }
            }.min()
            let nanoseconds = (best ?? .zero) / .nanoseconds(1)
            return (algorithm.rawValue, 64 * Double(bytes.count) / nanoseconds)
        }
    }

    /// Microseconds a signature with the day's key at hand.
    private func signature() throws -> Double {
        let signer = RequestSigner(credentials: credentials, region: "us-east-1")
        let target = try RequestTarget(parsing: "/bucket/2026/11/28/0123456789abcdef.png")
        func sign() {
            var headers = HeaderFields(["host": "127.0.0.1:9000", "content-type": "image/png"])
            signer.sign(
                &headers,
                method: "PUT",
                target: target,
                payloadHash: PayloadHash.emptyText,
                at: S3Timestamp(seconds: 1_700_000_000)
            )
        }
        sign()
        let before = Self.processorTime()
        for _ in 0..<20_000 { sign() }
        return (Self.processorTime() - before) / 20_000
    }

    /// Microseconds of this process a put of 5 KB, ten at a time.
    private func asyncPut() async throws -> Double {
        let client = try S3Client(endpoint: endpoint, credentials: credentials)
        defer { client.stop() }
        try await client.createBucket(options.bucket)
        func put(_ count: Int) async throws {
            try await withThrowingTaskGroup { group in
                for lane in 0..<10 {
                    group.addTask {
                        for number in 0..<count / 10 {
                            try await client.put(options.bucket, "a/\(lane)/\(number)", S3Body(Self.body))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        try await put(200)
        let before = Self.processorTime()
        try await put(Self.puts)
        return (Self.processorTime() - before) / Double(Self.puts)
    }

    /// Microseconds of this process a put of 5 KB, one after the other.
    private func blockingPut() throws -> Double {
        let client = try BlockingS3Client(endpoint: endpoint, credentials: credentials)
        func put(_ count: Int) throws {
            for number in 0..<count { try client.put(options.bucket, "b/\(number)", S3Body(Self.body)) }
        }
        try put(200)
        let before = Self.processorTime()
        try put(Self.puts)
        return (Self.processorTime() - before) / Double(Self.puts)
    }

    private var endpoint: S3Endpoint { S3Endpoint(host: options.host, port: options.port) }

    /// User and system time of this process in microseconds.
    private static func processorTime() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let (user, system) = (usage.ru_utime, usage.ru_stime)
        return Double(user.tv_sec + system.tv_sec) * 1e6 + Double(user.tv_usec + system.tv_usec)
    }
}
