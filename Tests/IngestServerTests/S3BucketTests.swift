import HTTPServing
import HTTPServingTesting
import IngestServer
import Logging
import NIOCore
import S3Client
import S3Lite
import S3Wire
import Testing

struct S3BucketTests {
    @Test(arguments: IngestRoute.allCases)
    func `the images of a receipt are in the bucket, and nothing else is`(route: IngestRoute) async throws {
        try await S3Service.with { store in
            let client = try S3Client(endpoint: store.endpoint, credentials: store.credentials)
            defer { client.stop() }
            let receipt = try await IngestService.with(.test(store)) { service in
                try await RawConnection.with(port: service.port) { connection in
                    let file = TestPDF.document(pages: 5, imagesPerPage: 5)
                    try await connection.send(UploadRequest(file, to: route).bytes)
                    return try Receipt(await connection.response())
                }
            }
            #expect(receipt.images.count == 25)
            let stored = try await client.listPage(S3Listing(bucket: "documents"))
            let urls = Set(stored.objects.map { "s3://documents/\($0.key)" })
            #expect(urls == Set(receipt.images.map(\.s3_url)))
            for object in stored.objects {
                let image = try await client.get("documents", object.key)
                #expect(image.facts.contentType == "image/png")
                #expect(image.bytes.starts(with: [0x89, 0x50, 0x4e, 0x47]))
            }
        }
    }

    @Test(arguments: IngestRoute.allCases)
    func `a missing bucket is the store's fault, said with its code`(route: IngestRoute) async throws {
        try await S3Service.with { store in
            var configuration = IngestConfiguration.test(store)
            configuration.bucket.isCreated = false
            try await IngestService.with(configuration) { service in
                try await RawConnection.with(port: service.port) { connection in
                    let file = TestPDF.document(pages: 1, imagesPerPage: 1)
                    try await connection.send(UploadRequest(file, to: route).bytes)
                    let response = try await connection.response()
                    #expect(response?.status == 502)
                    let error = try ErrorBody(response).error
                    #expect(error.code == "store_failed")
                    #expect(error.message.contains("NoSuchBucket"))
                    #expect(!error.message.contains(store.credentials.accessKey))
                }
            }
        }
    }

    /// It was said to have failed, as if trying again were of no use.
    @Test(arguments: IngestRoute.allCases)
    func `a store that doesn't answer in time is named as such`(route: IngestRoute) async throws {
        let silence = HTTPServer.Configuration(
            host: "127.0.0.1",
            port: 0,
            loops: 1,
            executor: .loop,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        // Ends only by cancellation.
        let respond: HTTPServer.Responder = { _ in for await _ in AsyncStream(Never.self, { _ in }) {} }
        try await HTTPServer.with(silence, grace: .zero, respond: respond) { store in
            let credentials = S3Credentials(accessKey: "key", secretKey: "secret")
            var configuration = IngestConfiguration.test(try S3Endpoint(url: store.url), credentials)
            configuration.bucket.isCreated = false
            configuration.bucket.timeout = .milliseconds(100)
            try await IngestService.with(configuration) { service in
                try await RawConnection.with(port: service.port) { connection in
                    let file = TestPDF.document(pages: 1, imagesPerPage: 1)
                    try await connection.send(UploadRequest(file, to: route).bytes)
                    let response = try await connection.response()
                    #expect(response?.status == 504)
                    let error = try ErrorBody(response).error
                    #expect(error.code == "store_timeout")
                    // Neither the put nor the delete after it has an answer.
                    #expect(error.orphans?.count == 1)
                }
            }
        }
    }

    @Test func `a store that can't be reached keeps the server from making its bucket`() async throws {
        let store = try await S3Service.start()
        let configuration = IngestConfiguration.test(store)
        await store.stop(grace: .zero)
        await #expect(throws: IngestStartError.self) {
            try await IngestService.start(configuration)
        }
    }
}

extension IngestConfiguration {
    fileprivate static func test(_ store: S3Service) -> Self {
        test(store.endpoint, store.credentials)
    }

    fileprivate static func test(_ endpoint: S3Endpoint, _ credentials: S3Credentials) -> Self {
        Self(
            bucket: Bucket(
                endpoint: endpoint,
                credentials: credentials,
                name: "documents",
                isCreated: true
            ),
            workers: 2,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }
}
