import HTTPServing
import HTTPServingTesting
import HTTPTypes
import IngestServer
import Logging
import MuPDF
import NIOCore
import S3Wire
import Testing

@testable import LoopWatch

/// What the service is for to show: one route blocks its event loop, the other doesn't.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct LoopBlockTests {
    /// A store whose blocking put waits until stacks have been taken.
    private func store(waiting wait: StackWait) -> ImageStore {
        var store = TestStore().imageStore
        let put = store.putBlocking
        store.putBlocking = { key, image in
            wait.block()
            try put(key, image)
        }
        return store
    }

    @Test func `an upload that blocks the loop is found, with the handler's line and the put under it`()
        async throws
    {
        let wait = StackWait()
        let file = TestPDF.document(pages: 1, imagesPerPage: 1)
        let error = try await withIngest(store(waiting: wait)) { connection, service in
            try await found(in: service, telling: wait) {
                try await connection.send(UploadRequest(file, to: .blocking).bytes)
                #expect(try await connection.response()?.status == 200)
            }
        }
        let block = try #require(
            error?.blocks.first { $0.frames.contains { $0.function(is: "ingestBlocking") } }
        )
        #expect(block.kind == .eventLoop)
        #expect(block.thread.hasPrefix("NIO-ELT-"))
        let calls = block.frames.filter { $0.kind == .call && $0.isUserCode }
        let handler = try #require(calls.firstIndex { $0.function(is: "ingestBlocking") })
        #expect(calls[handler].file?.hasSuffix("Sources/IngestServer/IngestHandler.swift") == true)
        #expect(calls[handler].line ?? 0 > 0)
        let put = try #require(calls.firstIndex { $0.function(is: "putAllBlocking") })
        #expect(put < handler)
        // What it calls has no frame information and no frame record, which hid the caller once.
        #expect(block.blame?.function == "StackWait.block()")
        #expect("\(try #require(error))".contains("ingestBlocking"))
    }

    @Test func `uploads that wait elsewhere leave the loop free`() async throws {
        let file = TestPDF.document(pages: 3, imagesPerPage: 3)
        try await withIngest { connection, service in
            try await withNoEventLoopBlocking(.loops(of: service.eventLoops), threshold: .milliseconds(10)) {
                for _ in 1...20 {
                    try await connection.send(UploadRequest(file, to: .async).bytes)
                    #expect(try await connection.response()?.status == 200)
                }
            }
        }
    }

    /// The time goes by in libcurl, which has neither symbols nor frame pointers.
    @Test func `a loop that waits in libcurl is blamed on the function that called it`() async throws {
        let wait = StackWait()
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let slow = HTTPServer.Configuration(
            host: "127.0.0.1",
            port: 0,
            loops: 1,
            executor: .loop,
            logger: logger
        )
        let respond: HTTPServer.Responder = { exchange in
            while try await exchange.readBody() != nil {}
            // The bucket is asked for as well, by nobody's upload.
            if exchange.head.method == .put { await wait.suspend() }
            let head = HTTPResponse(status: .ok, headerFields: [.eTag: #""tag""#])
            try await exchange.respond(head, body: ByteBuffer())
        }
        let error = try await HTTPServer.with(slow, grace: .zero, respond: respond) { store in
            let bucket = IngestConfiguration.Bucket(
                endpoint: try S3Endpoint(url: store.url),
                credentials: S3Credentials(accessKey: "key", secretKey: "secret"),
                name: "documents",
                isCreated: false
            )
            let configuration = IngestConfiguration(bucket: bucket, workers: 1, logger: logger)
            return try await IngestService.with(configuration) { service in
                try await RawConnection.with(port: service.port) { connection in
                    try await found(in: service, telling: wait) {
                        let file = TestPDF.document(pages: 1, imagesPerPage: 1)
                        try await connection.send(UploadRequest(file, to: .blocking).bytes)
                        #expect(try await connection.response()?.status == 200)
                    }
                }
            }
        }
        let block = try #require(
            error?.blocks.first { $0.frames.contains { $0.function(is: "curl_easy_perform") } }
        )
        let stack = try #require(
            block.samples.map(\.frames).first { $0.contains { $0.function(is: "curl_easy_perform") } }
        )
        let perform = try #require(stack.firstIndex { $0.function(is: "curl_easy_perform") })
        let caller = try #require(stack.firstIndex { $0.isUserCode })
        #expect(caller == perform + 1)
        #expect(stack[caller].file?.hasSuffix("Sources/Curl/EasyHandle.swift") == true)
        #expect(block.blame?.function == stack[caller].function)
        #expect(stack[caller...].contains { $0.function(is: "ingestBlocking") })
    }

    @Test func `a loop that computes in MuPDF is blamed on the function that called it`() async throws {
        let wait = StackWait()
        let file = TestPDF.document(pages: 200, imagesPerPage: 2)
        let error = try await withIngest { _, service in
            try await found(in: service, telling: wait) {
                try await service.eventLoops.next().submit {
                    wait.begin()
                    while !wait.isOver { _ = try PDFExtractor().extract(file) }
                }.get()
            }
        }
        let stacks = (error?.blocks ?? []).flatMap(\.samples).map(\.frames)
        let inMuPDF = stacks.compactMap { stack -> (blame: StackFrame, swift: StackFrame)? in
            guard let own = stack.firstIndex(where: \.isUserCode), own > 0 else { return nil }
            guard let swift = stack[own...].first(where: { $0.file?.hasSuffix(".swift") == true })
            else { return nil }
            return (stack[own], swift)
        }
        // The C function that shields Swift from MuPDF's jumps is the innermost of ours.
        #expect(inMuPDF.contains { $0.blame.file?.contains("Sources/CMuPDF/") == true }, "\(inMuPDF)")
        #expect(inMuPDF.contains { $0.swift.file?.contains("Sources/MuPDF/") == true }, "\(inMuPDF)")
        #expect(stacks.contains { $0.contains { $0.function(is: "PDFExtractor.extract") } })
    }

    /// What a scope over a server's loops finds, whose stacks others are told of.
    private func found(
        in service: IngestService,
        telling wait: StackWait,
        _ body: () async throws -> Void
    ) async throws -> EventLoopBlockError? {
        let listener = try await BlockScope.open(
            .loops(of: service.eventLoops),
            threshold: .milliseconds(10),
            sampled: { _ in wait.stackWasTaken() }
        )
        do {
            try await withNoEventLoopBlocking(.loops(of: service.eventLoops), threshold: .milliseconds(10)) {
                try await body()
            }
        } catch let error as EventLoopBlockError {
            _ = await listener.close()
            return error
        }
        _ = await listener.close()
        return nil
    }
}

extension LoopBlock {
    /// The frames of all its stacks, the first stack's first.
    fileprivate var frames: [StackFrame] { samples.flatMap(\.frames) }
}

extension StackFrame {
    /// Whether it is in a function of this name, whatever its type and labels.
    fileprivate func function(is name: String) -> Bool {
        guard let function else { return false }
        let path = function.prefix { $0 != "(" && $0 != " " }
        return path == name || path.hasSuffix(".\(name)")
    }
}
