import S3Lite
import S3Wire
import Testing

/// Questions about buckets and objects besides their content.
struct SubresourceTests {
    private typealias Request = SignedRequests.Request

    @Test(arguments: [
        ("policy", S3ErrorCode.noSuchBucketPolicy), ("cors", .noSuchCORSConfiguration),
        ("tagging", .noSuchTagSet),
    ])
    func `what a bucket lacks has a code of its own`(name: String, code: S3ErrorCode) async throws {
        try await TestStorage.memory.withStore { store in
            let answer = try await store.send(Request(target: "/bucket?\(name)"))
            #expect(answer.status == 404 && answer.code == code)
            #expect(try await store.send(Request(target: "/none?\(name)")).code == .noSuchBucket)
        }
    }

    @Test(arguments: ["/bucket", "/bucket/a"])
    func `access is the owner's alone and can't be shared`(target: String) async throws {
        try await TestStorage.memory.withStore { store in
            _ = try await store.send(Request(method: "PUT", target: "/bucket/a", body: [1]))
            let got = try await store.send(Request(target: "\(target)?acl"))
            let grant = try XMLElement(parsing: got.body).child("AccessControlList")?.child("Grant")
            #expect(grant?.childText("Permission") == "FULL_CONTROL")
            func put(_ headers: [(String, String)], _ body: [UInt8] = []) async throws
                -> SignedRequests.Answer
            {
                try await store.send(
                    Request(method: "PUT", target: "\(target)?acl", headers: headers, body: body)
                )
            }
            #expect(try await put([("x-amz-acl", "private")]).status == 200)
            #expect(try await put([], got.body).status == 200)
            #expect(try await put([("x-amz-acl", "public-read")]).code == .accessControlListNotSupported)
            let shared = Array(
                got.text.replacing(
                    "0000</ID><DisplayName>owner</DisplayName></Grantee>",
                    with: "1</ID></Grantee>"
                ).utf8
            )
            #expect(shared != got.body)
            #expect(try await put([], shared).code == .accessControlListNotSupported)
            #expect(try await put([], [1]).code == .malformedXML)
            #expect(try await store.send(Request(target: "/bucket/a")).body == [1])
        }
    }

    @Test func `each object has the one version called null`() async throws {
        try await TestStorage.memory.withStore { store in
            for key in ["a/1", "a/2", "b"] {
                _ = try await store.send(Request(method: "PUT", target: "/bucket/\(key)", body: [1]))
            }
            let first = try XMLElement(
                parsing: try await store.send(Request(target: "/bucket?versions&max-keys=2")).body
            )
            #expect(first.children("Version").map { $0.childText("Key") } == ["a/1", "a/2"])
            #expect(first.children("Version").allSatisfy { $0.childText("VersionId") == "null" })
            #expect(first.childText("IsTruncated") == "true" && first.childText("NextKeyMarker") == "a/2")
            let next = "key-marker=a/2&version-id-marker=null"
            let second = try XMLElement(
                parsing: try await store.send(Request(target: "/bucket?versions&\(next)")).body
            )
            #expect(second.children("Version").map { $0.childText("Key") } == ["b"])
            #expect(try await store.send(Request(target: "/bucket/b?versionId=null")).body == [1])
            #expect(try await store.send(Request(target: "/bucket/b?versionId=7")).code == .noSuchVersion)
        }
    }

    @Test func `buckets are listed by prefix and page`() async throws {
        try await TestStorage.memory.withStore { store in
            for name in ["alpha-1", "alpha-2", "alpha-3", "beta"] {
                _ = try await store.send(Request(method: "PUT", target: "/\(name)"))
            }
            var (found, token): ([String], String) = ([], "")
            repeat {
                let answer = try await store.send(Request(target: "/?prefix=alpha&max-buckets=2\(token)"))
                let page = try XMLElement(parsing: answer.body)
                found += page.child("Buckets")?.children("Bucket").compactMap { $0.childText("Name") } ?? []
                token =
                    page.childText("ContinuationToken").map {
                        "&continuation-token=\(PercentEncoding.encode($0.utf8, as: .queryPart))"
                    } ?? ""
            } while !token.isEmpty
            #expect(found == ["alpha-1", "alpha-2", "alpha-3"])
            let forged = try await store.send(Request(target: "/?continuation-token=beta"))
            #expect(forged.code == .invalidArgument)
        }
    }

    @Test(arguments: [
        "versioning", "object-lock", "lifecycle", "encryption", "replication", "website", "logging",
        "notification", "inventory&id=1", "policy", "cors", "publicAccessBlock", "ownershipControls",
        "accelerate", "requestPayment", "analytics&id=1", "metrics&id=1", "intelligent-tiering&id=1",
    ])
    func `setting what is out of scope is not implemented`(query: String) async throws {
        try await TestStorage.memory.withStore { store in
            let answer = try await store.send(Request(method: "PUT", target: "/bucket?\(query)", body: [1]))
            #expect(answer.status == 501 && answer.code == .notImplemented)
            let deleted = try await store.send(Request(method: "DELETE", target: "/bucket?\(query)"))
            #expect(deleted.status == 501)
            #expect(try await store.send(Request(method: "HEAD", target: "/bucket")).status == 200)
        }
    }

    @Test(arguments: [
        ("PUT", "retention"), ("PUT", "legal-hold"), ("POST", "restore"), ("POST", "select&select-type=2"),
        ("PUT", "renameObject"), ("PUT", "encryption"), ("DELETE", "retention"), ("PUT", "unheard-of"),
        ("PUT", "tagging&retention"), ("PUT", "uploadId=x"), ("PUT", "partNumber=1"),
    ])
    func `a sub-resource that is not known never touches the object`(method: String, query: String)
        async throws
    {
        try await TestStorage.memory.withStore { store in
            _ = try await store.send(Request(method: "PUT", target: "/bucket/a", body: [1]))
            let answer = try await store.send(
                Request(method: method, target: "/bucket/a?\(query)", body: [2])
            )
            #expect(answer.status == 501 && answer.code == .notImplemented)
            #expect(try await store.send(Request(target: "/bucket/a")).body == [1])
        }
    }

    @Test func `other methods are refused, and preflights without an origin`() async throws {
        try await TestStorage.memory.withStore { store in
            let patch = try await store.send(Request(method: "PATCH", target: "/bucket/a"))
            #expect(patch.status == 405)
            #expect(try await store.sendRaw("OPTIONS", "/bucket/a").status == 400)
            let origin = [("Origin", "http://example.com")]
            #expect(try await store.sendRaw("OPTIONS", "/bucket/a", origin).status == 403)
        }
    }

    @Test(arguments: ["GLACIER", "DEEP_ARCHIVE", "FAST"])
    func `a storage class that is not online is refused`(name: String) async throws {
        try await TestStorage.memory.withStore { store in
            let headers = [("x-amz-storage-class", name)]
            let answer = try await store.send(
                Request(method: "PUT", target: "/bucket/a", headers: headers, body: [1])
            )
            #expect(answer.code == .invalidStorageClass)
        }
    }
}
