import S3Client
import S3Lite
import S3Wire
import Testing

struct S3ClientTests {
    private static let bytes = (0..<90_000).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 5) }

    @Test(arguments: [0, 1, 5000, 90_000])
    func `an object comes back as it was put`(count: Int) async throws {
        try await TestedStore.with { store, client in
            let bytes = Array(Self.bytes.prefix(count))
            let stored = try await client.put(
                store.bucket,
                "a/1.png",
                S3Body(bytes),
                contentType: "image/png"
            )
            let object = try await client.get(store.bucket, "a/1.png")
            #expect(object.bytes == bytes)
            let facts = try await client.head(store.bucket, "a/1.png")
            #expect(facts == object.facts)
            #expect(facts.size == count && facts.contentType == "image/png" && facts.etag == stored.etag)
        }
    }

    @Test(arguments: [0..<1, 10..<20, 89_999..<90_000, 0..<90_000])
    func `a range comes back with the whole size`(range: Range<Int>) async throws {
        try await TestedStore.with { store, client in
            try await client.put(store.bucket, "k", S3Body(Self.bytes))
            let object = try await client.get(store.bucket, "k", range: range)
            #expect(object.bytes == Array(Self.bytes[range]))
            #expect(object.facts.size == Self.bytes.count)
        }
    }

    @Test(arguments: [
        "a//b", "/leading", "trailing/", "..", "a/./b", "a/../b", "%2e%2e", "a b+c&d=e?f#g", "é", "e\u{301}",
        "😀",
        "line\nfeed", "\u{1}", "back\\slash", "'quote'\"", String(repeating: "long", count: 75), "~*!()",
    ])
    func `any key is put, listed, read and deleted under its own name`(key: String) async throws {
        try await TestedStore.with { store, client in
            try await client.put(store.bucket, key, S3Body(Array(key.utf8)))
            #expect(try await client.get(store.bucket, key).bytes == Array(key.utf8))
            let page = try await client.listPage(S3Listing(bucket: store.bucket))
            #expect(page.objects.map { Array($0.key.utf8) } == [Array(key.utf8)])
            #expect(try await client.deleteMany(store.bucket, [key]).isEmpty)
            #expect(try await client.listPage(S3Listing(bucket: store.bucket)).objects.isEmpty)
        }
    }

    @Test func `a listing gives every key once, in order, page by page`() async throws {
        try await TestedStore.with { store, client in
            let keys = ["a/1", "a/2", "a/b/3", "b", "b/", "c"]
            for key in keys { try await client.put(store.bucket, key, S3Body([])) }
            var listing = S3Listing(bucket: store.bucket)
            for size in 1...7 {
                listing.pageSize = size
                var found: [String] = []
                for try await page in client.list(listing) { found += page.objects.map(\.key) }
                #expect(found == keys)
            }
        }
    }

    @Test func `a delimiter rolls keys up, each common prefix once`() async throws {
        try await TestedStore.with { store, client in
            for key in ["a/1", "a/2", "b", "c/x/1", "c/y", "d"] {
                try await client.put(store.bucket, key, S3Body([]))
            }
            var listing = S3Listing(bucket: store.bucket)
            listing.delimiter = "/"
            for size in 1...5 {
                listing.pageSize = size
                var (keys, prefixes): ([String], [String]) = ([], [])
                for try await page in client.list(listing) {
                    keys += page.objects.map(\.key)
                    prefixes += page.commonPrefixes
                }
                #expect(keys == ["b", "d"])
                #expect(prefixes == ["a/", "c/"])
            }
        }
    }

    @Test func `deleting many deletes past a thousand keys`() async throws {
        try await TestedStore.with { store, client in
            let keys = (0..<1001).map { "k\($0)" }
            for key in ["k0", "k999", "k1000", "other"] {
                try await client.put(store.bucket, key, S3Body([]))
            }
            #expect(try await client.deleteMany(store.bucket, keys).isEmpty)
            #expect(
                try await client.listPage(S3Listing(bucket: store.bucket)).objects.map(\.key) == ["other"]
            )
        }
    }

    @Test func `many puts at once are all stored`() async throws {
        try await TestedStore.with { store, client in
            try await withThrowingTaskGroup { group in
                for number in 0..<200 {
                    group.addTask { try await client.put(store.bucket, "\(number)", S3Body([UInt8(number)])) }
                }
                try await group.waitForAll()
            }
            #expect(try await client.listPage(S3Listing(bucket: store.bucket)).objects.count == 200)
            #expect(try await client.get(store.bucket, "177").bytes == [177])
        }
    }

    @Test func `bytes are sent from where they are, and let go afterwards`() async throws {
        try await TestedStore.with { store, client in
            let source = UnsafeMutableRawBufferPointer.allocate(byteCount: 4, alignment: 1)
            source.copyBytes(from: [1, 2, 3, 4])
            // Freed by the body's release closure, after its last use.
            nonisolated(unsafe) let owned = source
            try await confirmation { released in
                let body = S3Body(adopting: UnsafeRawBufferPointer(source)) {
                    owned.deallocate()
                    released()
                }
                try await client.put(store.bucket, "k", body)
            }
            #expect(try await client.get(store.bucket, "k").bytes == [1, 2, 3, 4])
        }
    }

    @Test func `a refusal carries code, status, request id and a hint`() async throws {
        try await TestedStore.with { store, client in
            let stranger = try S3Client(
                endpoint: store.endpoint,
                credentials: S3Credentials(accessKey: store.credentials.accessKey, secretKey: "wrong")
            )
            defer { stranger.stop() }
            let error = await #expect(throws: S3ClientError.self) {
                try await stranger.put(store.bucket, "k", S3Body([1]))
            }
            guard case .refused(let refusal) = error else { throw TestFailure(error) }
            #expect(refusal.code == .signatureDoesNotMatch && refusal.status == 403)
            #expect(refusal.requestID?.isEmpty == false)
            #expect(error?.hint?.contains("AWS_SECRET_ACCESS_KEY") == true)
            #expect(error?.isRetryable == false)
        }
    }

    @Test(arguments: ["get", "head", "put", "list"])
    func `a missing bucket or key is an error of its own`(call: String) async throws {
        try await TestedStore.with { store, client in
            let error = await #expect(throws: S3ClientError.self) {
                switch call {
                case "get": _ = try await client.get(store.bucket, "missing")
                case "head": _ = try await client.head(store.bucket, "missing")
                case "put": try await client.put("missing-bucket", "k", S3Body([]))
                default: _ = try await client.listPage(S3Listing(bucket: "missing-bucket"))
                }
            }
            guard case .refused(let refusal) = error else { throw TestFailure(error) }
            #expect(refusal.status == 404)
            #expect(refusal.code == (call == "head" ? nil : call == "get" ? .noSuchKey : .noSuchBucket))
        }
    }

    @Test func `a wrong region is named with the right one`() async throws {
        try await TestedStore.with { store, _ in
            let elsewhere = try S3Endpoint(url: store.endpoint.url, region: "eu-central-1")
            let client = try S3Client(endpoint: elsewhere, credentials: store.credentials)
            defer { client.stop() }
            let error = await #expect(throws: S3ClientError.self) {
                try await client.listPage(S3Listing(bucket: store.bucket))
            }
            #expect(error?.hint?.contains("us-east-1") == true)
        }
    }

    @Test func `a clock that is off is corrected by the store's`() async throws {
        var options = S3ClientOptions()
        options.clock = { S3Timestamp(milliseconds: S3Timestamp.now().milliseconds - 3_600_000) }
        try await TestedStore.with(options) { store, client in
            try await client.put(store.bucket, "k", S3Body([1]))
        }
    }

    @Test func `a store that is not there is named as such after the last try`() async throws {
        let endpoint = try await S3Service.with { $0.endpoint }
        let client = try S3Client(
            endpoint: endpoint,
            credentials: S3Credentials(accessKey: "a", secretKey: "b")
        )
        defer { client.stop() }
        let error = await #expect(throws: S3ClientError.self) { try await client.headBucket("documents") }
        guard case .unanswered(_, _, isRetryable: true) = error else { throw TestFailure(error) }
    }

    @Test func `a cancelled task ends its call`() async throws {
        try await TestedStore.with { store, client in
            let task = Task { try await client.get(store.bucket, "missing") }
            task.cancel()
            await #expect(throws: S3ClientError.self) { try await task.value }
        }
    }

    @Test func `the blocking client makes the same calls`() async throws {
        try await TestedStore.with { store, _ in
            let client = try BlockingS3Client(endpoint: store.endpoint, credentials: store.credentials)
            try client.headBucket(store.bucket)
            try client.put(store.bucket, "a/1", S3Body(Self.bytes), contentType: "image/png")
            try client.put(store.bucket, "a/2", S3Body([]))
            #expect(try client.get(store.bucket, "a/1").bytes == Self.bytes)
            #expect(try client.head(store.bucket, "a/1").contentType == "image/png")
            #expect(
                try client.listPage(S3Listing(bucket: store.bucket)).objects.map(\.key) == ["a/1", "a/2"]
            )
            try client.delete(store.bucket, "a/2")
            #expect(try client.deleteMany(store.bucket, ["a/1", "none"]).isEmpty)
            #expect(try client.listPage(S3Listing(bucket: store.bucket)).objects.isEmpty)
        }
    }

    @Test func `a presigned URL opens one object and hides no other`() async throws {
        try await TestedStore.with { store, client in
            let url = client.presignedURL(store.bucket, "k é", expiry: .seconds(60))
            #expect(url.hasPrefix("\(store.endpoint.url)/\(store.bucket)/k%20%C3%A9?"))
            #expect(url.contains("X-Amz-Expires=60") && !url.contains(store.credentials.secretKey))
        }
    }
}

/// An error of another kind than the test expects.
struct TestFailure: Error {
    let found: S3ClientError?

    init(_ found: S3ClientError?) {
        self.found = found
    }
}
