import HTTPServing
import HTTPServingTesting
import IngestServer
import Testing

struct IngestReceiptTests {
    @Test(arguments: Place.all)
    func `an upload is answered with its text and images, and the images are stored`(place: Place)
        async throws
    {
        let store = TestStore()
        let file = TestPDF.document(pages: 3, imagesPerPage: 2)
        try await withIngest(store.imageStore, executor: place.executor) { connection, service in
            let request = UploadRequest(file, to: place.route)
            try await connection.send(request.bytes)
            let response = try await connection.response()
            #expect(response?.status == 200)
            #expect(response?.headers["content-type"] == "application/json")
            let receipt = try Receipt(response)
            #expect(receipt.text == "Page 1\n\nPage 2\n\nPage 3\n")
            #expect(receipt.page_count == 3)
            #expect(receipt.images.map(\.page) == [1, 1, 2, 2, 3, 3])
            #expect(receipt.images.map(\.index) == [0, 1, 0, 1, 0, 1])
            let id = receipt.document_id
            #expect(receipt.images.map(\.s3_url) == (0..<6).map { "s3://documents/\(id)/img_\($0).png" })
            #expect(Set(store.objects.keys) == Set((0..<6).map { "\(id)/img_\($0).png" }))
            #expect(store.objects.values.allSatisfy { $0.contentType == "image/png" && $0.bytes.count > 8 })
            #expect(service.receivedBytes(place.route) == request.body.count)
            #expect(service.uploadsInFlight == 0)
        }
    }

    @Test func `the routes give the same receipt but for the id`() async throws {
        let file = TestPDF.document(pages: 2, imagesPerPage: 1)
        try await withIngest { connection, _ in
            var texts: [String] = []
            for route in IngestRoute.allCases {
                try await connection.send(UploadRequest(file, to: route).bytes)
                let response = try await connection.response()
                let id = try Receipt(response).document_id
                texts.append(response?.text.replacing(id, with: "ID") ?? "")
            }
            #expect(texts[0] == texts[1])
            #expect(
                texts[0] == #"{"document_id":"ID","text":"Page 1\n\nPage 2\n","images":["#
                    + #"{"page":1,"index":0,"s3_url":"s3://documents/ID/img_0.png"},"#
                    + #"{"page":2,"index":0,"s3_url":"s3://documents/ID/img_1.png"}],"page_count":2}"#
            )
        }
    }

    @Test func `a document id is a random UUID in lower case`() async throws {
        let file = TestPDF.document(pages: 1, imagesPerPage: 0)
        try await withIngest { connection, _ in
            var ids: Set<String> = []
            for _ in 0..<4 {
                try await connection.send(UploadRequest(file, to: .async).bytes)
                let id = try Receipt(await connection.response()).document_id
                let isUUID = id.wholeMatch(
                    of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/
                )
                #expect(isUUID != nil)
                ids.insert(id)
            }
            #expect(ids.count == 4)
        }
    }

    @Test(arguments: Place.all)
    func `uploads that find no room for their body wait and are all answered`(place: Place) async throws {
        let request = UploadRequest(TestPDF.document(pages: 1, imagesPerPage: 1), to: place.route)
        try await withIngest(executor: place.executor, change: { $0.maximumHeldBytes = 1 }) { _, service in
            let port = service.port
            let statuses = try await withThrowingTaskGroup(of: Int?.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await RawConnection.with(port: port) { connection in
                            try await connection.send(request.bytes)
                            return try await connection.response()?.status
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses == [Int?](repeating: 200, count: 20))
        }
    }

    @Test func `a document without pages has an empty receipt`() async throws {
        try await withIngest { connection, _ in
            try await connection.send(
                UploadRequest(TestPDF.document(pages: 0, imagesPerPage: 0), to: .async).bytes
            )
            let response = try await connection.response()
            #expect(response?.status == 200)
            #expect(response?.text.hasSuffix(#""text":"","images":[],"page_count":0}"#) == true)
        }
    }

    @Test(arguments: Place.all)
    func `the stages of an upload are told, in order of their start`(place: Place) async throws {
        let file = TestPDF.document(pages: 1, imagesPerPage: 40)
        try await withIngest(executor: place.executor) { connection, _ in
            try await connection.send(UploadRequest(file, to: place.route).bytes)
            let response = try await connection.response()
            let timing = try #require(response?.headers["server-timing"])
            let entries = timing.split(separator: ", ").compactMap {
                $0.wholeMatch(of: /([a-z0-9-]+);start=([0-9]+\.[0-9]{3});dur=([0-9]+\.[0-9]{3})/)
            }
            #expect(entries.count == timing.split(separator: ",").count)
            let names = entries.map { String($0.output.1) }
            let before = place.route == .async ? ["receive", "queue"] : ["receive"]
            let puts = (0..<32).map { "put-\($0)" }
            #expect(Set(names) == Set(before + ["pdf", "open", "text", "images", "store", "total"] + puts))
            let starts = entries.compactMap { Double($0.output.2) }
            #expect(starts == starts.sorted())
            let clock = response?.headers["x-server-clock"] ?? ""
            #expect(clock.wholeMatch(of: /[0-9a-f]{8} [0-9]+/) != nil)
        }
    }

    @Test func `a usable request id is given back, any other is replaced`() async throws {
        try await withIngest { connection, _ in
            for (id, isKept) in [
                ("A-b.c_9", true), ("two words", false), (String(repeating: "x", count: 65), false),
            ] {
                let response = try await connection.exchange(
                    "GET /health HTTP/1.1\r\nHost: test\r\nX-Request-ID: \(id)\r\n\r\n"
                )
                #expect(response?.text == #"{"status":"ok"}"#)
                #expect((response?.headers["x-request-id"] == id) == isKept)
            }
        }
    }
}
