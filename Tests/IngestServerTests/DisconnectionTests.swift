import HTTPServing
import HTTPServingTesting
import IngestServer
import Testing

struct DisconnectionTests {
    @Test(arguments: HandlerExecutor.allCases)
    func `a client that goes away during a put leaves nothing stored`(executor: HandlerExecutor) async throws
    {
        let store = TestStore()
        let (events, report) = AsyncStream.makeStream(of: String.self)
        var images = store.imageStore
        let (put, delete) = (images.put, images.delete)
        images.put = { key, image in
            try await put(key, image)
            report.yield("stored")
            // Ends only by cancellation: the answer of this put never comes.
            for await _ in AsyncStream(Never.self, { _ in }) {}
            try Task.checkCancellation()
        }
        images.delete = { keys in
            defer { report.yield("deleted") }
            return try await delete(keys)
        }
        try await withIngest(images, executor: executor) { connection, _ in
            let file = TestPDF.document(pages: 1, imagesPerPage: 1)
            try await connection.send(UploadRequest(file, to: .async).bytes)
            var iterator = events.makeAsyncIterator()
            #expect(await iterator.next() == "stored")
            await connection.abort()
            #expect(await iterator.next() == "deleted")
            #expect(store.objects.isEmpty)
        }
    }

    @Test func `a server that stops answers the upload in flight first`() async throws {
        let store = TestStore()
        let (entered, entering) = AsyncStream.makeStream(of: Void.self)
        let (release, releasing) = AsyncStream.makeStream(of: Void.self)
        var images = store.imageStore
        let put = images.put
        images.put = { key, image in
            entering.yield()
            for await _ in release { break }
            try await put(key, image)
        }
        try await withIngest(images) { connection, service in
            let file = TestPDF.document(pages: 1, imagesPerPage: 1)
            try await connection.send(UploadRequest(file, to: .async).bytes)
            for await _ in entered { break }
            async let stopped = service.stop(grace: .seconds(30))
            releasing.yield()
            let response = try await connection.response()
            #expect(response?.status == 200)
            #expect(await stopped)
            #expect(store.objects.count == 1)
        }
    }
}
