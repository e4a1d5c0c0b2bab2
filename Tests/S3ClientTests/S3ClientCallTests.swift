import Curl
import S3Client
import S3Lite
import S3Testing
import S3Wire
import Testing

/// The calls beyond storing and reading, in both forms of the client.
struct S3ClientCallTests {
    private static let large = (0..<11_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 11) }

    private func status(_ error: S3ClientError?) -> Int? {
        guard case .refused(let refusal) = error else { return nil }
        return refusal.status
    }

    @Test func `metadata comes back, and conditions decide about writes and reads`() async throws {
        try await TestedStore.with { store, client in
            let first = try await client.put(
                store.bucket,
                "a",
                S3Body([1]),
                metadata: ["Page": "7", "empty": ""],
                condition: .ifAbsent
            )
            #expect(try await client.head(store.bucket, "a").metadata == ["page": "7", "empty": ""])
            let again = await #expect(throws: S3ClientError.self) {
                try await client.put(store.bucket, "a", S3Body([2]), condition: .ifAbsent)
            }
            #expect(status(again) == 412)
            let second = try await client.put(
                store.bucket,
                "a",
                S3Body([2]),
                condition: .ifMatches(first.etag)
            )
            let stale = await #expect(throws: S3ClientError.self) {
                try await client.put(store.bucket, "a", S3Body([3]), condition: .ifMatches(first.etag))
            }
            #expect(status(stale) == 412)
            let unchanged = await #expect(throws: S3ClientError.self) {
                try await client.get(store.bucket, "a", condition: .ifNoneMatches(second.etag))
            }
            #expect(status(unchanged) == 304)
            #expect(try await client.get(store.bucket, "a", condition: .ifMatches(second.etag)).bytes == [2])
        }
    }

    @Test func `an object is copied with what was stored with it`() async throws {
        try await TestedStore.with { store, client in
            let other = ForeignStore.uniqueBucket()
            try await client.createBucket(other)
            let put = try await client.put(store.bucket, "a é+/1", S3Body([1, 2]), metadata: ["k": "v"])
            let copy = try await client.copy(from: (store.bucket, "a é+/1"), to: other, "b")
            #expect(copy == put)
            let got = try await client.get(other, "b")
            #expect(got.bytes == [1, 2] && got.facts.metadata == ["k": "v"])
            let names = try await client.buckets().map(\.name)
            #expect(names.contains(store.bucket) && names.contains(other))
            let blocking = try BlockingS3Client(endpoint: store.endpoint, credentials: store.credentials)
            #expect(try blocking.copy(from: (other, "b"), to: other, "c") == put)
            #expect(try blocking.buckets().map(\.name) == names)
            try blocking.delete(other, "b")
            try blocking.delete(other, "c")
            try blocking.deleteBucket(other)
            let rest = try blocking.buckets().map(\.name)
            #expect(!rest.contains(other))
        }
    }

    @Test(arguments: [ChecksumAlgorithm?.none] + ChecksumAlgorithm.allCases)
    func `a large object goes in parts, with any checksum`(algorithm: ChecksumAlgorithm?) async throws {
        var options = S3ClientOptions()
        options.checksum = algorithm
        try await TestedStore.with(options) { store, client in
            let put = try await client.putLarge(
                store.bucket,
                "large",
                S3Body(Self.large),
                contentType: "image/png",
                metadata: ["k": "v"],
                partSize: 1
            )
            #expect(put.etag.hasSuffix("-3"))
            let got = try await client.get(store.bucket, "large")
            #expect(got.bytes == Self.large && got.facts.contentType == "image/png")
            #expect(got.facts.metadata == ["k": "v"])
            let blocking = try BlockingS3Client(
                endpoint: store.endpoint,
                credentials: store.credentials,
                options: options
            )
            #expect(try blocking.putLarge(store.bucket, "blocking", S3Body(Self.large), partSize: 1) == put)
            let small = try await client.putLarge(store.bucket, "small", S3Body([1]))
            #expect(!small.etag.contains("-"))
        }
    }

    @Test func `a large object that fails leaves no upload behind`() async throws {
        try await TestedStore.with { store, client in
            let existing = try await client.put(store.bucket, "large", S3Body([1]))
            let error = await #expect(throws: S3ClientError.self) {
                try await client.putLarge(
                    store.bucket,
                    "large",
                    S3Body(Self.large),
                    condition: .ifAbsent,
                    partSize: 1
                )
            }
            #expect(status(error) == 412)
            #expect(try await client.head(store.bucket, "large").etag == existing.etag)
            let target = RequestSigner(credentials: store.credentials, region: "us-east-1").presign(
                method: "GET",
                target: RequestTarget(path: Array("/\(store.bucket)".utf8), query: [.init("uploads")]),
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
        try await TestedStore.with { store, client in
            let http = try TransferService(maximumInFlight: 1)
            defer { http.stop() }
            let put = client.presignedURL(store.bucket, "a b", method: .put, expiry: .seconds(60))
            let body = SharedBytes(copying: [1, 2, 3])
            #expect(try await http.perform(TransferRequest("PUT", url: put, body: body)).status == 200)
            #expect(try await http.perform(TransferRequest(url: put)).status == 403)
            let get = client.presignedURL(store.bucket, "a b", expiry: .seconds(60))
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
        try ForeignStore.skip("needs a store that fails on purpose")
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
        try ForeignStore.skip("needs a store that fails on purpose")
        try await S3Service.with(configuration) { store in
            let client = try S3Client(endpoint: store.endpoint, credentials: store.credentials)
            defer { client.stop() }
            let error = await #expect(throws: S3ClientError.self) { try await client.buckets() }
            #expect(status(error) == 503 && error?.isRetryable == true)
        }
    }

    @Test func `a bucket in the host's name is the same bucket`() async throws {
        try ForeignStore.skip("needs a store that knows its name")
        try await S3Service.with { store in
            let port = try #require(store.endpoint.port)
            let hosted = S3Endpoint(host: "localhost", port: port, addressing: .virtualHost)
            let client = try S3Client(endpoint: hosted, credentials: store.credentials)
            defer { client.stop() }
            try await client.createBucket("hosted")
            try await client.put("hosted", "a//é", S3Body([1, 2]))
            #expect(try await client.get("hosted", "a//é").bytes == [1, 2])
            #expect(try await client.listPage(S3Listing(bucket: "hosted")).objects.map(\.key) == ["a//é"])
            let plain = try BlockingS3Client(endpoint: store.endpoint, credentials: store.credentials)
            #expect(try plain.get("hosted", "a//é").bytes == [1, 2])
        }
    }

    @Test func `a store that does not answer is given up when the call's time is over`() async throws {
        try ForeignStore.skip("needs a store that is slow on purpose")
        var configuration = S3Configuration()
        var faults = S3Faults()
        faults.delay = .seconds(3600)
        configuration.faults = faults
        let store = try await S3Service.start(configuration)
        var options = S3ClientOptions()
        options.timeout = .milliseconds(100)
        let client = try S3Client(
            endpoint: store.endpoint,
            credentials: store.credentials,
            options: options
        )
        let error = await #expect(throws: S3ClientError.self) { try await client.buckets() }
        client.stop()
        await store.stop(grace: .zero)
        guard case .timedOut = error else { throw TestFailure(error) }
    }
}
