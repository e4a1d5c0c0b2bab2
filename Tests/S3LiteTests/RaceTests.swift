import Foundation
import S3Lite
import S3Testing
import S3Wire
import Testing

/// Requests that meet each other: whoever wins, nothing is torn and nothing is left behind.
struct RaceTests {
    private typealias Request = SignedRequests.Request

    private static let partBytes = 300_000

    /// Bytes that are all the same, so that a mix of two bodies shows.
    private static func body(_ number: Int, _ count: Int = partBytes) -> [UInt8] {
        [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: count)
    }

    private static func begin(_ store: SignedRequests) async throws -> String {
        let answer = try await store.send(Request(method: "POST", target: "/bucket/a?uploads"))
        return try #require(try XMLElement(parsing: answer.body).childText("UploadId"))
    }

    private static func put(_ number: Int, _ id: String, _ fill: Int, _ store: SignedRequests) async throws
        -> SignedRequests.Answer
    {
        let target = "/bucket/a?partNumber=\(number)&uploadId=\(id)"
        return try await store.send(Request(method: "PUT", target: target, body: body(fill)))
    }

    private static func completion(_ id: String, etags: [String]) -> Request {
        let parts = etags.enumerated().map {
            "<Part><PartNumber>\($0.offset + 1)</PartNumber><ETag>\($0.element)</ETag></Part>"
        }.joined()
        return Request(
            method: "POST",
            target: "/bucket/a?uploadId=\(id)",
            body: Array("<CompleteMultipartUpload>\(parts)</CompleteMultipartUpload>".utf8)
        )
    }

    @Test(arguments: TestStorage.allCases)
    func `parts that meet an abort are taken or refused, and leave nothing`(storage: TestStorage) async throws
    {
        try await TemporaryFolder.with { folder in
            var configuration = S3Configuration()
            if storage == .directory { configuration.storage = .directory(folder, durability: .os) }
            // Room for the parts of one round alone: what an abort leaves would be missed in the next.
            configuration.memoryLimit = Int64(10 * Self.partBytes)
            try ForeignStore.skip("looks into the store's folder")
            try await S3Service.with(configuration) { service in
                let store = try SignedRequests(service)
                defer { store.stop() }
                _ = try await store.send(Request(method: "PUT", target: "/bucket"))
                for _ in 0..<20 {
                    let id = try await Self.begin(store)
                    try await withThrowingTaskGroup { group in
                        for number in 1...8 {
                            group.addTask {
                                let answer = try await Self.put(number, id, number, store)
                                #expect(answer.status == 200 || answer.code == .noSuchUpload)
                            }
                        }
                        group.addTask {
                            let abort = Request(method: "DELETE", target: "/bucket/a?uploadId=\(id)")
                            let status = try await store.send(abort).status
                            #expect(status == 204)
                        }
                        try await group.waitForAll()
                    }
                    let list = try await store.send(Request(target: "/bucket/a?uploadId=\(id)"))
                    #expect(list.code == .noSuchUpload)
                }
                let full = Request(
                    method: "PUT",
                    target: "/bucket/b",
                    body: Self.body(1, 10 * Self.partBytes)
                )
                #expect(try await store.send(full).status == 200)
                _ = try await store.send(Request(method: "DELETE", target: "/bucket/b"))
            }
            let files = FileManager.default.enumerator(atPath: folder + "/data")?.compactMap { $0 as? String }
            #expect((files ?? []).allSatisfy { !$0.contains("/") })
        }
    }

    @Test(arguments: TestStorage.allCases)
    func `a part that meets the completion is in the object or out of it`(storage: TestStorage) async throws {
        try await storage.withStore({ $0.minimumPartSize = 1 }) { store in
            for round in 0..<20 {
                let id = try await Self.begin(store)
                var etags: [String] = []
                for number in 1...3 {
                    etags.append(try #require(try await Self.put(number, id, number, store).header("etag")))
                }
                let completion = Self.completion(id, etags: etags)
                async let late = Self.put(2, id, 100 + round, store)
                let answer = try await store.send(completion)
                let lateAnswer = try await late
                #expect(lateAnswer.status == 200 || lateAnswer.code == .noSuchUpload)
                guard answer.status != 200 else {
                    #expect(
                        try await store.send(Request(target: "/bucket/a")).body
                            == Self.body(1) + Self.body(2) + Self.body(3)
                    )
                    continue
                }
                // The part was replaced before: the completion names one that is gone, and the upload stays.
                #expect(answer.code == .invalidPart && lateAnswer.status == 200)
                etags[1] = try #require(lateAnswer.header("etag"))
                #expect(try await store.send(Self.completion(id, etags: etags)).status == 200)
            }
        }
    }

    @Test func `a completion that is sent many times at once is one, with one answer`() async throws {
        try await TestStorage.memory.withStore({ $0.minimumPartSize = 1 }) { store in
            let id = try await Self.begin(store)
            let etag = try #require(try await Self.put(1, id, 1, store).header("etag"))
            let answers = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<16 {
                    group.addTask { try await store.send(Self.completion(id, etags: [etag])).text }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(answers.count == 1 && answers.first?.contains("CompleteMultipartUploadResult") == true)
        }
    }

    @Test(arguments: TestStorage.allCases, [3000, 400_000])
    func `a read beside overwriting and deleting is whole or finds nothing`(
        storage: TestStorage,
        bytes: Int
    ) async throws {
        try await storage.withStore { store in
            try await withThrowingTaskGroup { group in
                for writer in 0..<4 {
                    group.addTask {
                        for number in 0..<25 {
                            let fill = Self.body(writer * 25 + number, bytes)
                            let put = Request(method: "PUT", target: "/bucket/a", body: fill)
                            #expect(try await store.send(put).status == 200)
                            if number % 5 == 4 {
                                _ = try await store.send(Request(method: "DELETE", target: "/bucket/a"))
                            }
                        }
                    }
                }
                for _ in 0..<4 {
                    group.addTask {
                        for _ in 0..<50 {
                            let got = try await store.send(Request(target: "/bucket/a"))
                            if got.status == 404 { continue }
                            #expect(got.status == 200 && got.body.count == bytes)
                            #expect(got.body.allSatisfy { $0 == got.body.first })
                            let etag = BodyDigest.md5Text(of: got.body)
                            #expect(got.header("etag") == "\"\(etag)\"")
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(arguments: TestStorage.allCases)
    func `a put that meets the removal of its bucket is in it or refused`(storage: TestStorage) async throws {
        try await storage.withStore { store in
            for _ in 0..<20 {
                _ = try await store.send(Request(method: "PUT", target: "/fleeting"))
                async let putting = store.send(Request(method: "PUT", target: "/fleeting/a", body: [1]))
                async let removing = store.send(Request(method: "DELETE", target: "/fleeting"))
                let (put, removed) = try await (putting, removing)
                let got = try await store.send(Request(target: "/fleeting/a"))
                if put.status == 200 {
                    #expect(removed.code == .bucketNotEmpty && got.body == [1])
                } else {
                    #expect(put.code == .noSuchBucket && removed.status == 204 && got.code == .noSuchBucket)
                }
                _ = try await store.send(Request(method: "DELETE", target: "/fleeting/a"))
            }
        }
    }
}

extension BodyDigest {
    /// The MD5 of bytes, in hexadecimal.
    fileprivate static func md5Text(of bytes: [UInt8]) -> String {
        var digest = BodyDigest(.init(wantsSHA256: false))
        bytes.withUnsafeBytes { digest.update($0) }
        return HexEncoding.encode(digest.md5Bytes)
    }
}
