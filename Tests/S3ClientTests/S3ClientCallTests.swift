import Curl
import S3Client
import S3Lite
import S3Wire
import Testing

/// The calls beyond storing and reading, in both forms of the client.
struct S3ClientCallTests {
    private static let large = (0..<11_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 11) }

    private func withStore(
        _ change: (inout S3ClientOptions) -> Void = { _ in },
        _ test: (S3Service, S3Client, S3ClientOptions) async throws -> Void
    ) async throws {
        try await S3Service.with { store in
            var options = S3ClientOptions()
            change(&options)
            let client = try S3Client(
                endpoint: store.endpoint,
                credentials: store.credentials,
                options: options
            )
            defer { client.stop() }
            try await client.createBucket("documents")
            try await test(store, client, options)
        }
    }

    private func status(_ error: S3ClientError?) -> Int? {
        guard case .refused(let refusal) = error else { return nil }
        return refusal.status
    }

    @Test func `metadata comes back, and conditions decide about writes and reads`() async throws {
        try await withStore { _, client, _ in
            let first = try await client.put(
                "documents",
                "a",
                S3Body([1]),
                metadata: ["Page": "7", "empty": ""],
                condition: .ifAbsent
            )
            #expect(try await client.head("documents", "a").metadata == ["page": "7", "empty": ""])
            let again = await #expect(throws: S3ClientError.self) {
                try await client.put("documents", "a", S3Body([2]), condition: .ifAbsent)
            }
            #expect(status(again) == 412)
            let second = try await client.put(
                "documents",
                "a",
                S3Body([2]),
                condition: .ifMatches(first.etag)
            )
            let stale = await #expect(throws: S3ClientError.self) {
                try await client.put("documents", "a", S3Body([3]), condition: .ifMatches(first.etag))
            }
            #expect(status(stale) == 412)
            let unchanged = await #expect(throws: S3ClientError.self) {
                try await client.get("documents", "a", condition: .ifNoneMatches(second.etag))
            }
            #expect(status(unchanged) == 304)
            #expect(try await client.get("documents", "a", condition: .ifMatches(second.etag)).bytes == [2])
        }
    }

    @Test func `an object is copied with what was stored with it`() async throws {
        try await withStore { store, client, options in
            try await client.createBucket("other")
            let put = try await client.put("documents", "a é+/1", S3Body([1, 2]), metadata: ["k": "v"])
            let copy = try await client.copy(from: ("documents", "a é+/1"), to: "other", "b")
            #expect(copy == put)
            let got = try await client.get("other", "b")
            #expect(got.bytes == [1, 2] && got.facts.metadata == ["k": "v"])
            #expect(try await client.buckets().map(\.name) == ["documents", "other"])
            let blocking = try BlockingS3Client(
                endpoint: store.endpoint,
                credentials: store.credentials,
                options: options
            )
            #expect(try blocking.copy(from: ("other", "b"), to: "other", "c") == put)
            #expect(try blocking.buckets().map(\.name) == ["documents", "other"])
            try blocking.delete("other", "b")
            try blocking.delete("other", "c")
            try blocking.deleteBucket("other")
            #expect(try blocking.buckets().map(\.name) == ["documents"])
        }
    }

    @Test(arguments: [ChecksumAlgorithm?.none] + ChecksumAlgorithm.allCases)
    func `a large object goes in parts, with any checksum`(algorithm: ChecksumAlgorithm?) async throws {
        try await withStore({ $0.checksum = algorithm }) { store, client, options in
            let put = try await client.putLarge(
                "documents",
                "large",
                S3Body(Self.large),
                contentType: "image/png",
                metadata: ["k": "v"],
                partSize: 1
            )
            #expect(put.etag.hasSuffix("-3"))
            let got = try await client.get("documents", "large")
            #expect(got.bytes == Self.large && got.facts.contentType == "image/png")
            #expect(got.facts.metadata == ["k": "v"])
            let blocking = try BlockingS3Client(
                endpoint: store.endpoint,
                credentials: store.credentials,
                options: options
            )
            #expect(try blocking.putLarge("documents", "blocking", S3Body(Self.large), partSize: 1) == put)
            let small = try await client.putLarge("documents", "small", S3Body([1]))
            #expect(!small.etag.contains("-"))
        }
    }

    @Test func `a large object that fails leaves no upload behind`() async throws {
        try await withStore { store, client, _ in
            let existing = try await client.put("documents", "large", S3Body([1]))
            let error = await #expect(throws: S3ClientError.self) {
                try await client.putLarge(
                    "documents",
                    "large",
                    S3Body(Self.large),
                    condition: .ifAbsent,
                    partSize: 1
                )
            }
            #expect(status(error) == 412)
            #expect(try await client.head("documents", "large").etag == existing.etag)
            let target = RequestSigner(credentials: store.credentials, region: "us-east-1").presign(
                method: "GET",
                target: RequestTarget(path: Array("/documents".utf8), query: [.init("uploads")]),
                authority: String(store.endpoint.url.dropFirst("http://".count)),
                expirySeconds: 60,
                at: .now()
            )
            let http = try TransferService(maximumInFlight: 1)
            defer { http.stop() }
            let list = try await http.perform(TransferRequest(url: store.endpoint.url + target.encoded))
            let uploads = try XMLElement(parsing: list.body)
            #expect(uploads.name == "ListMultipartUploadsResult" && uploads.children("Upload").isEmpty)
        }
    }

    @Test func `a presigned URL does the one thing it is for`() async throws {
        try await withStore { _, client, _ in
            let http = try TransferService(maximumInFlight: 1)
            defer { http.stop() }
            let put = client.presignedURL("documents", "a b", method: .put, expiry: .seconds(60))
            let body = SharedBytes(copying: [1, 2, 3])
            #expect(try await http.perform(TransferRequest("PUT", url: put, body: body)).status == 200)
            #expect(try await http.perform(TransferRequest(url: put)).status == 403)
            let get = client.presignedURL("documents", "a b", expiry: .seconds(60))
            #expect(try await http.perform(TransferRequest(url: get)).body == [1, 2, 3])
            let other = get.replacing("a%20b", with: "c")
            #expect(try await http.perform(TransferRequest(url: other)).status == 403)
        }
    }

    @Test func `retries outlast a store that is busy or cuts connections`() async throws {
        var configuration = S3Configuration()
        var faults = S3Faults()
        (faults.errorRate, faults.cutRate, faults.seed) = (0.2, 0.2, 7)
        configuration.faults = faults
        try await S3Service.with(configuration) { store in
            var options = S3ClientOptions()
            options.attempts = 12
            let client = try S3Client(
                endpoint: store.endpoint,
                credentials: store.credentials,
                options: options
            )
            defer { client.stop() }
            try await client.createBucket("documents")
            for number in 0..<20 {
                try await client.put("documents", "\(number)", S3Body([UInt8(number)]), condition: .ifAbsent)
            }
            for number in 0..<20 {
                #expect(try await client.get("documents", "\(number)").bytes == [UInt8(number)])
            }
        }
    }

    @Test func `a store that only refuses is given up after the last try`() async throws {
        var configuration = S3Configuration()
        var faults = S3Faults()
        faults.errorRate = 1
        configuration.faults = faults
        try await S3Service.with(configuration) { store in
            let client = try S3Client(endpoint: store.endpoint, credentials: store.credentials)
            defer { client.stop() }
            let error = await #expect(throws: S3ClientError.self) { try await client.buckets() }
            #expect(status(error) == 503 && error?.isRetryable == true)
        }
    }
}
