import HTTPServing
import HTTPServingTesting
import IngestServer
import Testing

struct StoreFaultTests {
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

    @Test(arguments: IngestRoute.allCases)
    func `images that can't be deleted again are named`(route: IngestRoute) async throws {
        let store = TestStore(faultyPut: 3, fault: .answerLost, refusesDeletes: true)
        try await withIngest(store.imageStore) { connection, _ in
            let file = TestPDF.document(pages: 1, imagesPerPage: 3)
            try await connection.send(UploadRequest(file, to: route).bytes)
            let response = try await connection.response()
            #expect(response?.status == 502)
            let error = try ErrorBody(response).error
            #expect(Set(error.orphans ?? []) == Set(store.objects.keys))
            #expect(store.objects.count == 3)
        }
    }
}
