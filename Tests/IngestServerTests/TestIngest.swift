import Foundation
import HTTPServing
import HTTPServingTesting
import IngestServer
import Logging
import NIOCore
import S3Wire
import Testing

/// A route, and where its handler runs.
struct Place: Sendable, CustomTestStringConvertible {
    let route: IngestRoute
    let executor: HandlerExecutor

    static let all = IngestRoute.allCases.flatMap { route in
        HandlerExecutor.allCases.map { Place(route: route, executor: $0) }
    }

    var testDescription: String { "\(route) on the \(executor)" }
}

/// Runs an ingest server on a store in memory.
func withIngest<Value: Sendable>(
    _ store: ImageStore = TestStore().imageStore,
    executor: HandlerExecutor = .loop,
    change: (inout IngestConfiguration) -> Void = { _ in },
    _ body: @Sendable (inout RawConnection, IngestService) async throws -> Value
) async throws -> Value {
    var configuration = IngestConfiguration(
        bucket: .init(
            endpoint: S3Endpoint(host: "unused.invalid", port: nil),
            credentials: S3Credentials(accessKey: "unused", secretKey: "unused"),
            name: "unused",
            isCreated: false
        ),
        workers: 2,
        logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    )
    configuration.executor = executor
    change(&configuration)
    let service = try await IngestService.start(configuration, store: store)
    do {
        let value = try await RawConnection.with(port: service.port) { connection in
            try await body(&connection, service)
        }
        await service.stop(grace: .seconds(10))
        return value
    } catch {
        await service.stop(grace: .seconds(10))
        throw error
    }
}

/// An upload as its bytes go over the wire.
struct UploadRequest: Sendable {
    var path = IngestRoute.async.path
    var headers: [String: String] = ["Host": "test", "Content-Type": "multipart/form-data; boundary=cut"]
    var body: [UInt8]
    /// Sent in place of the body's real length; nil sends none.
    var length: Int?

    /// A form with one file.
    init(_ file: [UInt8], to route: IngestRoute) {
        self.init(form: Self.part(file) + "--cut--\r\n".utf8, to: route)
    }

    /// A body that claims to be a form.
    init(form: [UInt8], to route: IngestRoute) {
        path = route.path
        body = form
        length = form.count
    }

    /// A part of a form, with the delimiter before it.
    static func part(_ file: [UInt8], disposition: String = #"name="file"; filename="a.pdf""#) -> [UInt8] {
        Array("--cut\r\nContent-Disposition: form-data; \(disposition)\r\n\r\n".utf8) + file
            + Array("\r\n".utf8)
    }

    var head: [UInt8] {
        var headers = headers
        headers["Content-Length"] = length.map { "\($0)" }
        let lines = headers.sorted { $0.key < $1.key }.map { "\($0): \($1)\r\n" }.joined()
        return Array("POST \(path) HTTP/1.1\r\n\(lines)\r\n".utf8)
    }

    var bytes: [UInt8] { head + body }
}

/// The receipt as clients read it.
struct Receipt: Decodable, Equatable {
    struct Image: Decodable, Equatable {
        let page: Int
        let index: Int
        let s3_url: String
    }

    let document_id: String
    let text: String
    let images: [Image]
    let page_count: Int

    init(_ response: RawResponse?) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(response?.body ?? []))
    }
}

/// The error as clients read it.
struct ErrorBody: Decodable {
    struct Content: Decodable {
        let code: String
        let message: String
        let hint: String
        let orphans: [String]?
    }

    let error: Content

    init(_ response: RawResponse?) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(response?.body ?? []))
    }
}
