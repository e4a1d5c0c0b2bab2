import HTTPServing
import HTTPServingTesting
import Synchronization
import Testing

@testable import IngestServer

@Suite(.timeLimit(.minutes(2)))
struct StoreFaultTests {
    private struct Unforeseen: Error {}

    /// Uploads to a store whose puts throw something.
    private func answer(to error: any Error, _ route: IngestRoute) async throws -> RawResponse? {
        var store = TestStore().imageStore
        store.put = { _, _ in throw error }
        store.putBlocking = { _, _ in throw error }
        return try await withIngest(store) { connection, _ in
            try await connection.send(
                UploadRequest(TestPDF.document(pages: 1, imagesPerPage: 1), to: route).bytes
            )
            return try await connection.response()
        }
    }

    @Test(
        arguments: [
            (IngestError.Code.storeFailed, 502), (.storeBusy, 503), (.storeTimeout, 504), (.storeFull, 507),
        ],
        IngestRoute.allCases
    )
    func `what the store says has a status, and when to come again where it is busy`(
        fault: (code: IngestError.Code, status: Int),
        route: IngestRoute
    ) async throws {
        let error = StoreFault(code: fault.code, message: "SlowDown", hint: "wait")
        let response = try await answer(to: error, route)
        #expect(response?.status == fault.status)
        #expect(response?.headers["retry-after"] == (fault.status == 503 ? "1" : nil))
        let body = try ErrorBody(response).error
        #expect(body.code == fault.code.rawValue)
        #expect(body.message.contains("SlowDown"))
    }

    @Test(arguments: IngestRoute.allCases)
    func `what nobody foresaw is an error of our own that tells no more than the request`(route: IngestRoute)
        async throws
    {
        let response = try await answer(to: Unforeseen(), route)
        #expect(response?.status == 500)
        let error = try ErrorBody(response).error
        #expect(error.code == "internal")
        #expect(response?.text.contains("Unforeseen") == false)
        let id = try #require(response?.headers["x-request-id"])
        #expect(response?.text.contains(id) == true)
    }

    @Test(arguments: IngestRoute.allCases, TestStore.Fault.allCases)
    func `a put that fails leaves nothing in the bucket, whichever it is`(
        route: IngestRoute,
        fault: TestStore.Fault
    ) async throws {
        let file = TestPDF.document(pages: 2, imagesPerPage: 10)
        var faultyPut = 1
        while true {
            let store = TestStore(faultyPut: faultyPut, fault: fault)
            let status = try await withIngest(store.imageStore) { connection, service in
                try await connection.send(UploadRequest(file, to: route).bytes)
                let response = try await connection.response()
                #expect(service.uploadsInFlight == 0)
                if response?.status == 200 { return response?.status }
                let error = try ErrorBody(response).error
                #expect(error.code == fault.code.rawValue)
                #expect(error.orphans == nil)
                #expect(response?.headers["server-timing"]?.contains("cleanup;start=") == true)
                return response?.status
            }
            if status == 200 {
                #expect(faultyPut == 21)
                #expect(store.objects.count == 20)
                return
            }
            #expect(status == fault.status)
            #expect(store.objects.isEmpty)
            faultyPut += 1
        }
    }

    @Test(arguments: IngestRoute.allCases, TestStore.DeleteFault.allCases)
    func `images that may be left after a delete that failed are named`(
        route: IngestRoute,
        deleteFault: TestStore.DeleteFault
    ) async throws {
        let file = TestPDF.document(pages: 1, imagesPerPage: 3)
        for faultyPut in 1...3 {
            let store = TestStore(faultyPut: faultyPut, fault: .answerLost, deleteFault: deleteFault)
            try await withIngest(store.imageStore) { connection, service in
                try await connection.send(UploadRequest(file, to: route).bytes)
                let response = try await connection.response()
                #expect(response?.status == 502)
                let orphans = Set(try ErrorBody(response).error.orphans ?? [])
                let left = Set(store.objects.keys)
                // Where the answer was lost nobody can know that nothing is left.
                #expect(deleteFault == .answerLost ? left.isEmpty && !orphans.isEmpty : orphans == left)
                #expect(!orphans.isEmpty)
                // It is counted once the answer is out.
                while service.counts.orphans < orphans.count { await Task.yield() }
                #expect(service.counts.orphans == orphans.count)
            }
        }
    }

    @Test func `a client that goes away at any put leaves nothing`() async throws {
        let file = TestPDF.document(pages: 1, imagesPerPage: 3)
        for cancelledPut in 1...3 {
            let store = TestStore()
            let puts = Mutex(0)
            let (events, report) = AsyncStream.makeStream(of: String.self)
            var images = store.imageStore
            let (put, delete) = (images.put, images.delete)
            images.put = { key, image in
                try await put(key, image)
                guard
                    puts.withLock({
                        $0 += 1; return $0 == cancelledPut
                    })
                else { return }
                report.yield("stored")
                // Ends only by cancellation: the answer of this put never comes.
                for await _ in AsyncStream(Never.self, { _ in }) {}
                try Task.checkCancellation()
            }
            images.delete = { keys in
                defer { report.yield("deleted") }
                return try await delete(keys)
            }
            try await withIngest(images) { connection, service in
                try await connection.send(UploadRequest(file, to: .async).bytes)
                var iterator = events.makeAsyncIterator()
                #expect(await iterator.next() == "stored")
                await connection.abort()
                #expect(await iterator.next() == "deleted")
                #expect(store.objects.isEmpty)
                while service.uploadsInFlight > 0 { await Task.yield() }
                #expect(service.workers.counts.busy == 0)
            }
        }
    }

    @Test func `an upload that takes too long is ended and undone`() async throws {
        let store = TestStore()
        var images = store.imageStore
        let put = images.put
        images.put = { key, image in
            try await put(key, image)
            for await _ in AsyncStream(Never.self, { _ in }) {}
            try Task.checkCancellation()
        }
        for route in IngestRoute.allCases {
            let limit = route == .async ? Duration.milliseconds(300) : .zero
            try await withIngest(images, change: { $0.uploadLimit = limit }) { connection, service in
                let file = TestPDF.document(pages: 1, imagesPerPage: 2)
                try await connection.send(UploadRequest(file, to: route).bytes)
                let response = try await connection.response()
                #expect(response?.status == 503)
                #expect(response?.headers["retry-after"] != nil)
                #expect(try ErrorBody(response).error.code == "overloaded")
                #expect(store.objects.isEmpty)
                #expect(service.uploadsInFlight == 0)
            }
        }
    }
}
