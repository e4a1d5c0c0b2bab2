import HTTPServingTesting
import S3Lite
import S3Testing
import S3Wire
import Testing

/// What every answer has, and how requests may be written.
struct AnswerFormTests {
    private typealias Request = SignedRequests.Request

    @Test(arguments: [
        ("GET", "/", 200), ("GET", "/bucket/a", 200), ("GET", "/bucket/none", 404), ("PUT", "/bucket/a", 200),
        ("HEAD", "/bucket/none", 404), ("PUT", "/bucket/a?retention", 501), ("DELETE", "/bucket/a", 204),
        ("PATCH", "/bucket/a", 405),
    ])
    func `every answer says which request it answers, and when`(method: String, target: String, status: Int)
        async throws
    {
        try await TestStorage.memory.withStore { store in
            _ = try await store.send(Request(method: "PUT", target: "/bucket/a", body: [1]))
            let answer = try await store.send(Request(method: method, target: target))
            #expect(answer.status == status)
            for name in ["x-amz-request-id", "x-amz-id-2"] {
                #expect(answer.header(name)?.isEmpty == false)
            }
            #expect(answer.header("date").flatMap { S3Timestamp(http: $0) } != nil)
        }
    }

    @Test func `an error says what, where and which request, and on HEAD nothing`() async throws {
        try await TestStorage.memory.withStore { store in
            let answer = try await store.send(Request(target: "/bucket/none"))
            let document = try XMLElement(parsing: answer.body)
            #expect(document.name == "Error" && document.childText("Code") == "NoSuchKey")
            #expect(document.childText("Message")?.isEmpty == false && document.childText("Key") == "none")
            #expect(document.childText("Resource")?.hasSuffix("/none") == true)
            #expect(document.childText("RequestId") == answer.header("x-amz-request-id"))
            #expect(document.childText("HostId") == answer.header("x-amz-id-2"))
            #expect(answer.header("content-type") == "application/xml")
            let head = try await store.send(Request(method: "HEAD", target: "/bucket/none"))
            #expect(head.status == 404 && head.body.isEmpty)
        }
    }

    @Test func `a name of an error's path is no markup`() async throws {
        try await TestStorage.memory.withStore { store in
            let answer = try await store.send(Request(target: "/bucket/%3Cb%3E%26"))
            let document = try XMLElement(parsing: answer.body)
            #expect(document.childText("Key") == "<b>&" && document.childText("Code") == "NoSuchKey")
        }
    }

    private func exchange(
        _ request: Request,
        _ lines: [String],
        _ body: String,
        _ test: @escaping @Sendable (RawResponse?) throws -> Void
    ) async throws {
        try await TestStorage.memory.withStore { store in
            let signed = try store.signedHeaders(request).fields.map { "\($0.name): \($0.value)" }
            let head = "\(request.method) \(request.target) HTTP/1.1\r\n"
            let text = head + (signed + lines).joined(separator: "\r\n") + "\r\n\r\n" + body
            try await RawConnection.with(port: store.endpoint.port ?? 0) { connection in
                try test(try await connection.exchange(text))
            }
        }
    }

    @Test func `an expectation that is not known is no reason to wait`() async throws {
        try ForeignStore.skip("sends a target as it is")
        let put = Request(method: "PUT", target: "/bucket/a", body: [120])
        try await exchange(put, ["content-length: 1", "expect: the-unexpected"], "x") {
            #expect($0?.status == 200)
        }
    }

    @Test func `a put without a length is refused`() async throws {
        try ForeignStore.skip("sends a target as it is")
        try await exchange(Request(method: "PUT", target: "/bucket/a"), [], "") {
            #expect($0?.status == 411 && $0?.text.contains("<Code>MissingContentLength</Code>") == true)
        }
        let put = Request(method: "PUT", target: "/bucket/a", payloadHash: PayloadHash.unsignedText)
        try await exchange(put, ["transfer-encoding: chunked"], "1\r\nx\r\n0\r\n\r\n") {
            #expect($0?.status == 411)
        }
    }

    /// What boto3 sends behind a proxy that speaks TLS.
    @Test func `a body in chunks of HTTP is taken if its plain length is stated`() async throws {
        try ForeignStore.skip("sends a target as it is")
        let put = Request(
            method: "PUT",
            target: "/bucket/a",
            headers: [
                ("x-amz-decoded-content-length", "3"), ("x-amz-trailer", "x-amz-checksum-crc32"),
                ("content-encoding", "gzip, aws-chunked"),
            ],
            payloadHash: ChunkedBody.unsignedTrailer
        )
        let body = "3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n"
        let chunk = "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
        try await exchange(put, ["transfer-encoding: chunked"], chunk) { #expect($0?.status == 200) }
    }

    @Test func `an encoding besides that of the transfer is kept`() async throws {
        try await TestStorage.memory.withStore { store in
            let encoding = [("content-encoding", "gzip, aws-chunked")]
            let put = Request(method: "PUT", target: "/bucket/a", headers: encoding, body: [1, 2, 3])
            let status = try await store.send(put).status
            let got = try await store.send(Request(target: "/bucket/a"))
            #expect(status == 200 && got.header("content-encoding") == "gzip")
        }
    }

    @Test func `a completion is read as clients write it`() async throws {
        try await TestStorage.memory.withStore { store in
            let forms: [(String, (String) -> String)] = [
                ("", { $0 }), ("", { $0.replacing("\"", with: "") }),
                ("", { $0.replacing("\"", with: "&#34;") }),
                (
                    " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"",
                    { $0.replacing("\"", with: "&quot;") }
                ),
            ]
            for (namespace, write) in forms {
                let begun = try await store.send(Request(method: "POST", target: "/bucket/a?uploads"))
                let id = try #require(try XMLElement(parsing: begun.body).childText("UploadId"))
                let target = "/bucket/a?partNumber=1&uploadId=\(id)"
                let part = try await store.send(Request(method: "PUT", target: target, body: [1]))
                let etag = write(try #require(part.header("etag")))
                let list = "<Part><ETag>\(etag)</ETag><PartNumber>1</PartNumber></Part>"
                let document = "<CompleteMultipartUpload\(namespace)>\(list)</CompleteMultipartUpload>"
                let answer = try await store.send(
                    Request(method: "POST", target: "/bucket/a?uploadId=\(id)", body: Array(document.utf8))
                )
                #expect(answer.status == 200)
            }
        }
    }

    @Test(arguments: [
        "<!DOCTYPE d [<!ENTITY a \"b\">]><Delete><Object><Key>&a;</Key></Object></Delete>",
        "<!DOCTYPE d SYSTEM \"file:///etc/passwd\"><Delete><Object><Key>k</Key></Object></Delete>",
        "<Delete>" + String(repeating: "<Object>", count: 100_000), "<Delete><Object><Key>k</Key></Delete>",
        "<Remove><Object><Key>k</Key></Object></Remove>", "no XML", "",
        "<Delete><Object><Key></Key></Object></Delete>", "<Delete><Object/></Delete>",
    ])
    func `a list of deletions that is no document is refused`(document: String) async throws {
        try await TestStorage.memory.withStore { store in
            _ = try await store.send(Request(method: "PUT", target: "/bucket/k", body: [1]))
            let answer = try await store.send(
                Request(method: "POST", target: "/bucket?delete", body: Array(document.utf8))
            )
            #expect(answer.status == 400 && answer.code == .malformedXML)
            #expect(try await store.send(Request(target: "/bucket/k")).body == [1])
        }
    }

    @Test(arguments: [
        [("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==")], [("x-amz-checksum-crc32", "AAAAAA==")],
        [("x-amz-checksum-sha256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=")],
    ])
    func `a list of deletions is not believed with a wrong checksum`(headers: [(String, String)]) async throws
    {
        try await TestStorage.memory.withStore { store in
            _ = try await store.send(Request(method: "PUT", target: "/bucket/k", body: [1]))
            let document = Array("<Delete><Object><Key>k</Key></Object></Delete>".utf8)
            let answer = try await store.send(
                Request(method: "POST", target: "/bucket?delete", headers: headers, body: document)
            )
            #expect(answer.code == .badDigest)
            #expect(try await store.send(Request(target: "/bucket/k")).body == [1])
        }
    }

    @Test func `an answer's headers are those that the query asks for`() async throws {
        try await TestStorage.memory.withStore { store in
            let headers = [("content-type", "image/png"), ("cache-control", "no-cache")]
            _ = try await store.send(Request(method: "PUT", target: "/bucket/a", headers: headers, body: [1]))
            let asked = [
                "content-type": "text/plain", "cache-control": "max-age=5", "content-disposition": "inline",
                "content-encoding": "gzip", "content-language": "de",
                "expires": "Fri, 24 May 2013 00:00:00 GMT",
            ]
            let query = asked.map { name, value in
                "response-\(name)=\(PercentEncoding.encode(value.utf8, as: .queryPart))"
            }.joined(separator: "&")
            for method in ["GET", "HEAD"] {
                let answer = try await store.send(
                    Request(method: method, target: "/bucket/a?\(query)&x-id=Get")
                )
                #expect(answer.status == 200)
                for (name, value) in asked { #expect(answer.header(name) == value) }
            }
            let plain = try await store.send(Request(target: "/bucket/a"))
            #expect(
                plain.header("content-type") == "image/png" && plain.header("cache-control") == "no-cache"
            )
        }
    }

    @Test(arguments: [
        ("PUT", "/bucket/k?tagging", 64 * 1024), ("PUT", "/bucket?tagging", 64 * 1024),
        ("PUT", "/larger", 64 * 1024), ("POST", "/bucket/k?uploadId=x", 4 << 20),
    ])
    func `a document is as long as its kind may be`(method: String, target: String, limit: Int) async throws {
        try await TestStorage.memory.withStore { store in
            _ = try await store.send(Request(method: "PUT", target: "/bucket/k", body: [1]))
            for (count, isTooLong) in [(limit, false), (limit + 1, true)] {
                let body = [UInt8](repeating: UInt8(ascii: " "), count: count)
                let answer = try await store.send(Request(method: method, target: target, body: body))
                #expect(answer.status == 400)
                #expect(answer.code == (isTooLong ? .maxMessageLengthExceeded : .malformedXML))
            }
        }
    }
}
