import S3Lite
import S3Wire
import Testing

struct BucketOperationTests {
    private typealias Request = SignedRequests.Request

    @Test(arguments: TestStorage.allCases)
    func `a bucket is made, found, listed and removed`(storage: TestStorage) async throws {
        try await storage.withStore { store in
            #expect(try await store.send(Request(method: "PUT", target: "/second")).status == 200)
            #expect(try await store.send(Request(method: "PUT", target: "/second")).status == 200)
            let head = try await store.send(Request(method: "HEAD", target: "/second/"))
            #expect(head.status == 200 && head.header("x-amz-bucket-region") == "us-east-1")
            let list = try await store.send(Request(target: "/"))
            #expect(list.text.contains("<Name>\(store.bucket)</Name>"))
            #expect(list.text.contains("<Name>second</Name>"))
            #expect(try await store.send(Request(method: "DELETE", target: "/second")).status == 204)
            #expect(try await store.send(Request(method: "HEAD", target: "/second")).status == 404)
        }
    }

    @Test func `a bucket with objects stays`() async throws {
        try await TestStorage.memory.withStore { store in
            _ = try await store.send(Request(method: "PUT", target: "/bucket/a", body: [1]))
            let answer = try await store.send(Request(method: "DELETE", target: "/bucket"))
            #expect(answer.status == 409 && answer.code == .bucketNotEmpty)
        }
    }

    @Test(arguments: [
        "ab", "UPPER", "-a-", "a..b", "a.-b", "192.168.0.1", "xn--abc", "abc-s3alias", "under_score",
        String(repeating: "a", count: 64),
    ])
    func `a name that breaks a rule is refused`(name: String) async throws {
        try await TestStorage.memory.withStore { store in
            let answer = try await store.send(Request(method: "PUT", target: "/\(name)"))
            #expect(answer.code == .invalidBucketName)
        }
    }

    @Test func `the location given is the location answered`() async throws {
        try await TestStorage.memory.withStore { store in
            let document =
                "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint>"
                + "</CreateBucketConfiguration>"
            _ = try await store.send(Request(method: "PUT", target: "/other", body: Array(document.utf8)))
            let answer = try await store.send(Request(target: "/other?location"))
            #expect(try XMLElement(parsing: answer.body).text == "eu-west-1")
            let first = try await store.send(Request(target: "/bucket?location"))
            #expect(try XMLElement(parsing: first.body).text == "")
            let broken = try await store.send(Request(method: "PUT", target: "/third", body: [1]))
            #expect(broken.code == .malformedXML)
        }
    }

    @Test(arguments: ["GET", "PUT", "HEAD", "DELETE"])
    func `no call makes a bucket by the way`(method: String) async throws {
        try await TestStorage.memory.withStore { store in
            let answer = try await store.send(Request(method: method, target: "/missing/key"))
            #expect(answer.status == 404 && (method == "HEAD" || answer.code == .noSuchBucket))
            #expect(try await store.send(Request(method: "HEAD", target: "/missing")).status == 404)
        }
    }

    @Test(arguments: [
        ("max-keys=-1", S3ErrorCode.invalidArgument), ("max-keys=x", .invalidArgument),
        ("list-type=2&continuation-token=forged", .invalidArgument), ("encoding-type=hex", .invalidArgument),
    ])
    func `a malformed question about a bucket is refused`(query: String, code: S3ErrorCode) async throws {
        try await TestStorage.memory.withStore { store in
            let answer = try await store.send(Request(target: "/bucket?\(query)"))
            #expect(answer.code == code)
        }
    }

    @Test func `the first version of listing names its next page after a common prefix`() async throws {
        try await TestStorage.memory.withStore { store in
            for key in ["a/1", "a/2", "b"] {
                _ = try await store.send(Request(method: "PUT", target: "/bucket/\(key)", body: [1]))
            }
            let first = try await store.send(Request(target: "/bucket?delimiter=/&max-keys=1"))
            let page = try XMLElement(parsing: first.body)
            #expect(page.child("CommonPrefixes")?.childText("Prefix") == "a/")
            #expect(page.childText("NextMarker") == "a/" && page.childText("IsTruncated") == "true")
            let second = try await store.send(Request(target: "/bucket?delimiter=/&max-keys=1&marker=a/"))
            let rest = try XMLElement(parsing: second.body)
            #expect(rest.child("Contents")?.childText("Key") == "b")
            #expect(rest.childText("IsTruncated") == "false" && rest.child("CommonPrefixes") == nil)
        }
    }

    @Test func `a bucket is also found in the host`() async throws {
        try await TestStorage.memory.withStore { store in
            _ = try await store.send(Request(method: "PUT", target: "/bucket/a", body: [1, 2]))
            let port = try store.ownStore().endpoint.port ?? 0
            let endpoint = S3Endpoint(host: "localhost", port: port, addressing: .virtualHost)
            let location = endpoint.location(bucket: "bucket", key: "a")
            #expect(location.authority == "bucket.localhost:\(port)")
            var headers = HeaderFields(["host": location.authority])
            RequestSigner(credentials: store.credentials, region: "us-east-1").sign(
                &headers,
                method: "GET",
                target: RequestTarget(path: location.path),
                payloadHash: PayloadHash.emptyText,
                at: .now()
            )
            let answer = try await store.sendRaw("GET", "/a", headers.fields.map { ($0.name, $0.value) })
            #expect(answer.body == [1, 2])
        }
    }

    @Test(arguments: TestStorage.allCases)
    func `a reset leaves nothing`(storage: TestStorage) async throws {
        try await storage.withStore { store in
            let body = [UInt8](repeating: 1, count: 300_000)
            _ = try await store.send(Request(method: "PUT", target: "/bucket/a", body: body))
            try await store.ownStore().reset()
            #expect(try await store.send(Request(target: "/bucket/a")).code == .noSuchBucket)
            _ = try await store.send(Request(method: "PUT", target: "/bucket"))
            #expect(try await store.send(Request(target: "/bucket/a")).code == .noSuchKey)
        }
    }
}
