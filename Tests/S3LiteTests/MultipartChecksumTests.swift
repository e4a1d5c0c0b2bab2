import S3Lite
import S3Wire
import Testing

/// Checksums of objects that come in parts, and what is told of the parts afterwards.
struct MultipartChecksumTests {
    private typealias Request = SignedRequests.Request

    private static let parts = [[UInt8](repeating: 1, count: 1000), [UInt8](repeating: 2, count: 777), [3]]

    private static func checksum(_ bytes: [UInt8], _ algorithm: ChecksumAlgorithm) -> Checksum {
        var digest = BodyDigest(.init(wantsSHA256: false, checksum: algorithm))
        bytes.withUnsafeBytes { digest.update($0) }
        return digest.checksum ?? Checksum(algorithm, bytes: [])
    }

    /// Uploads the parts; the second without a checksum of its own.
    private func upload(
        _ store: SignedRequests,
        _ begin: [(String, String)],
        _ algorithm: ChecksumAlgorithm? = nil
    ) async throws -> (id: String, etags: [String]) {
        let answer = try await store.send(
            Request(method: "POST", target: "/bucket/big?uploads", headers: begin)
        )
        let id = try #require(try XMLElement(parsing: answer.body).childText("UploadId"))
        var etags: [String] = []
        for (index, part) in Self.parts.enumerated() {
            var headers: [(String, String)] = []
            if let algorithm, index != 1 {
                headers = [(algorithm.headerName, Self.checksum(part, algorithm).base64)]
            }
            let put = try await store.send(
                Request(
                    method: "PUT",
                    target: "/bucket/big?partNumber=\(index + 1)&uploadId=\(id)",
                    headers: headers,
                    body: part
                )
            )
            if let algorithm {
                #expect(put.header(algorithm.headerName) == Self.checksum(part, algorithm).base64)
            }
            etags.append(try #require(put.header("etag")))
        }
        return (id, etags)
    }

    private func complete(
        _ store: SignedRequests,
        _ upload: (id: String, etags: [String]),
        headers: [(String, String)] = [],
        element: (Int) -> String = { _ in "" }
    ) async throws -> SignedRequests.Answer {
        let list = upload.etags.enumerated().map {
            "<Part><PartNumber>\($0.offset + 1)</PartNumber><ETag>\($0.element)</ETag>\(element($0.offset))</Part>"
        }.joined()
        return try await store.send(
            Request(
                method: "POST",
                target: "/bucket/big?uploadId=\(upload.id)",
                headers: headers,
                body: Array("<CompleteMultipartUpload>\(list)</CompleteMultipartUpload>".utf8)
            )
        )
    }

    private func withStore(_ test: (SignedRequests) async throws -> Void) async throws {
        try await TestStorage.memory.withStore({ $0.minimumPartSize = 1 }, test)
    }

    @Test(arguments: [
        (ChecksumAlgorithm.crc32, String?.none), (.crc32c, nil), (.sha1, nil), (.sha256, "COMPOSITE"),
        (.crc32, "FULL_OBJECT"), (.crc32c, "FULL_OBJECT"), (.crc64nvme, nil), (.crc64nvme, "FULL_OBJECT"),
    ])
    func `the object's checksum is that of its kind`(algorithm: ChecksumAlgorithm, kind: String?) async throws
    {
        try await withStore { store in
            var begin = [("x-amz-checksum-algorithm", algorithm.rawValue)]
            if let kind { begin.append(("x-amz-checksum-type", kind)) }
            let upload = try await upload(store, begin, algorithm)
            let isFull = kind == "FULL_OBJECT" || algorithm == .crc64nvme
            let raw = Self.parts.flatMap { Self.checksum($0, algorithm).bytes }
            let expected =
                isFull
                ? Self.checksum(Self.parts.flatMap(\.self), algorithm).base64
                : Self.checksum(raw, algorithm).base64 + "-3"
            let wrong = [(algorithm.headerName, Self.checksum([9], algorithm).base64)]
            #expect(try await complete(store, upload, headers: wrong).code == .badDigest)
            let size = [("x-amz-mp-object-size", "1")]
            #expect(try await complete(store, upload, headers: size).code == .invalidRequest)
            let name = "Checksum\(algorithm.rawValue)"
            let part = try await complete(store, upload) { index in
                index == 2 ? "<\(name)>\(Self.checksum([9], algorithm).base64)</\(name)>" : ""
            }
            #expect(part.code == .invalidPart)
            let right = [(algorithm.headerName, expected), ("x-amz-mp-object-size", "1778")]
            let answer = try await complete(store, upload, headers: right) { index in
                "<\(name)>\(Self.checksum(Self.parts[index], algorithm).base64)</\(name)>"
            }
            let document = try XMLElement(parsing: answer.body)
            #expect(document.childText(name) == expected)
            #expect(document.childText("ChecksumType") == (isFull ? "FULL_OBJECT" : "COMPOSITE"))
            #expect(try await complete(store, upload).text == answer.text)
            let got = try await store.send(
                Request(target: "/bucket/big", headers: [("x-amz-checksum-mode", "ENABLED")])
            )
            #expect(got.header(algorithm.headerName) == expected)
            #expect(got.header("x-amz-checksum-type") == (isFull ? "FULL_OBJECT" : "COMPOSITE"))
        }
    }

    @Test(arguments: [
        [("x-amz-checksum-type", "FULL_OBJECT")],
        [("x-amz-checksum-algorithm", "SHA1"), ("x-amz-checksum-type", "FULL_OBJECT")],
        [("x-amz-checksum-algorithm", "SHA256"), ("x-amz-checksum-type", "FULL_OBJECT")],
        [("x-amz-checksum-algorithm", "CRC64NVME"), ("x-amz-checksum-type", "COMPOSITE")],
        [("x-amz-checksum-algorithm", "MD4")],
        [("x-amz-checksum-algorithm", "CRC32"), ("x-amz-checksum-type", "HALF_OBJECT")],
    ])
    func `a pair that does not exist is refused`(headers: [(String, String)]) async throws {
        try await withStore { store in
            let answer = try await store.send(
                Request(method: "POST", target: "/bucket/big?uploads", headers: headers)
            )
            #expect(answer.status == 400 && answer.code == .invalidRequest)
        }
    }

    @Test func `a part with another algorithm is refused`() async throws {
        try await withStore { store in
            let begin = [("x-amz-checksum-algorithm", "CRC32")]
            let upload = try await upload(store, begin)
            let answer = try await store.send(
                Request(
                    method: "PUT",
                    target: "/bucket/big?partNumber=4&uploadId=\(upload.id)",
                    headers: [(ChecksumAlgorithm.sha1.headerName, Self.checksum([1], .sha1).base64)],
                    body: [1]
                )
            )
            #expect(answer.code == .invalidRequest)
        }
    }

    @Test func `a part is read by its number`() async throws {
        try await withStore { store in
            let begin = [("x-amz-checksum-algorithm", "CRC32")]
            _ = try await complete(store, try await upload(store, begin))
            let mode = ("x-amz-checksum-mode", "ENABLED")
            let second = try await store.send(Request(target: "/bucket/big?partNumber=2", headers: [mode]))
            #expect(second.status == 206 && second.body == Self.parts[1])
            #expect(second.header("content-range") == "bytes 1000-1776/1778")
            #expect(second.header("x-amz-mp-parts-count") == "3")
            #expect(second.header("x-amz-checksum-crc32") == Self.checksum(Self.parts[1], .crc32).base64)
            let head = try await store.send(Request(method: "HEAD", target: "/bucket/big?partNumber=3"))
            #expect(head.status == 206 && head.header("content-length") == "1")
            func code(_ number: String, _ headers: [(String, String)] = []) async throws -> S3ErrorCode? {
                try await store.send(Request(target: "/bucket/big?partNumber=\(number)", headers: headers))
                    .code
            }
            #expect(try await code("4") == .invalidPartNumber)
            #expect(try await code("0") == .invalidArgument)
            #expect(try await code("1", [("range", "bytes=0-1")]) == .invalidRequest)
            _ = try await store.send(Request(method: "PUT", target: "/bucket/whole", body: [5, 6]))
            let whole = try await store.send(Request(target: "/bucket/whole?partNumber=1"))
            #expect(
                whole.status == 206 && whole.body == [5, 6] && whole.header("x-amz-mp-parts-count") == nil
            )
            let beyond = try await store.send(Request(target: "/bucket/whole?partNumber=2"))
            #expect(beyond.status == 416)
        }
    }

    @Test func `attributes tell of the object and its parts what is asked`() async throws {
        try await withStore { store in
            let begin = [("x-amz-checksum-algorithm", "SHA256"), ("x-amz-storage-class", "STANDARD_IA")]
            _ = try await complete(store, try await upload(store, begin))
            let all = ("x-amz-object-attributes", "ETag,Checksum,ObjectParts, StorageClass,ObjectSize")
            let page = [all, ("x-amz-max-parts", "1"), ("x-amz-part-number-marker", "1")]
            let answer = try await store.send(Request(target: "/bucket/big?attributes", headers: page))
            let document = try XMLElement(parsing: answer.body)
            #expect(document.childText("ObjectSize") == "1778")
            #expect(document.childText("StorageClass") == "STANDARD_IA")
            #expect(document.childText("ETag")?.hasSuffix("-3") == true)
            #expect(document.child("Checksum")?.childText("ChecksumSHA256")?.hasSuffix("-3") == true)
            let parts = try #require(document.child("ObjectParts"))
            #expect(parts.childText("PartsCount") == "3" && parts.childText("IsTruncated") == "true")
            #expect(parts.childText("NextPartNumberMarker") == "2" && parts.children("Part").count == 1)
            #expect(parts.child("Part")?.childText("Size") == "777")
            let size = [("x-amz-object-attributes", "ObjectSize")]
            let one = try await store.send(Request(target: "/bucket/big?attributes", headers: size))
            #expect(try XMLElement(parsing: one.body).children.map(\.name) == ["ObjectSize"])
            let unknown = [("x-amz-object-attributes", "Colour")]
            let bad = try await store.send(Request(target: "/bucket/big?attributes", headers: unknown))
            #expect(bad.code == .invalidArgument)
            #expect(try await store.send(Request(target: "/bucket/big?attributes")).code == .invalidArgument)
        }
    }
}
