import HTTPServingTesting
import IngestServer
import Testing

/// Many more uploads than are admitted.
@Suite(.timeLimit(.minutes(2)))
struct OverloadTests {
    @Test(arguments: IngestRoute.allCases)
    func `uploads are stored whole or refused, and every place is given back`(route: IngestRoute)
        async throws
    {
        let store = TestStore()
        let upload = UploadRequest(TestPDF.document(pages: 1, imagesPerPage: 2), to: route).bytes
        try await withIngest(store.imageStore, change: { $0.maximumQueue = 4 }) { _, service in
            let port = service.port
            let stored = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        try await RawConnection.with(port: port) { connection in
                            var keys: [String] = []
                            for _ in 0..<4 {
                                try await connection.send(upload)
                                let response = try await connection.response()
                                if response?.status == 200 {
                                    for image in try Receipt(response).images {
                                        keys.append(String(image.s3_url.dropFirst("s3://documents/".count)))
                                    }
                                } else {
                                    #expect(response?.status == 503)
                                    #expect(try ErrorBody(response).error.code == "overloaded")
                                }
                            }
                            return keys
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(!stored.isEmpty)
            #expect(Set(store.objects.keys) == Set(stored))
            #expect(service.uploadsInFlight == 0)
            // A request is counted right behind its answer.
            while service.counts.requests.values.reduce(0, +) < 400 { await Task.yield() }
        }
    }
}
