import HTTPServing
import HTTPServingTesting
import Logging
import NIOCore
import Synchronization
import Testing

@testable import IngestServer

/// What a server tells of its work.
@Suite(.timeLimit(.minutes(1)))
struct MetricsTests {
    private static let file = TestPDF.document(pages: 2, imagesPerPage: 2)

    private func metrics(_ connection: inout RawConnection) async throws -> [String] {
        let answer = try await connection.exchange("GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n")
        #expect(answer?.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        return (answer?.text ?? "").split(separator: "\n").map(String.init)
    }

    @Test func `metrics count what was done`() async throws {
        let (lines, counts) = try await withIngest(
            change: { $0.version = "9.9" }
        ) { connection, service in
            for route in IngestRoute.allCases {
                try await connection.send(UploadRequest(Self.file, to: route).bytes)
                #expect(try await connection.response()?.status == 200)
            }
            try await connection.send(UploadRequest(Array("hello".utf8), to: .async).bytes)
            #expect(try await connection.response()?.status == 422)
            return (try await metrics(&connection), service.counts)
        }
        let size = UploadRequest(Self.file, to: .async).body.count
        let bad = UploadRequest(Array("hello".utf8), to: .async).body.count
        for line in [
            #"ingest_requests_total{route="async",status="200"} 1"#,
            #"ingest_requests_total{route="async",status="422"} 1"#,
            #"ingest_requests_total{route="blocking",status="200"} 1"#,
            #"ingest_request_seconds_count{route="async"} 2"#,
            #"ingest_received_bytes_total{route="blocking"} \#(size)"#,
            #"ingest_received_bytes_total{route="async"} \#(size + bad)"#,
            #"ingest_in_flight{route="async"} 0"#, "ingest_queue_depth 0", "ingest_held_bytes 0",
            #"ingest_pdf_seconds_count{stage="images"} 2"#, "ingest_pages_total 4",
            #"ingest_images_total{ext="png"} 8"#, #"ingest_pdf_errors_total{code="not_a_pdf"} 1"#,
            #"ingest_puts_total{result="ok"} 8"#, "ingest_put_seconds_count 8", "ingest_orphans_total 0",
            #"ingest_workers{state="idle"} 2"#, #"ingest_worker_restarts_total{reason="died"} 0"#,
        ] {
            #expect(lines.contains(line), "\(line)")
        }
        #expect(lines.contains { $0.hasPrefix(#"ingest_build_info{version="9.9",mupdf="1."#) })
        for name in [
            "ingest_rejected_total", "ingest_mupdf_warnings_total", "ingest_deletes_total",
            "ingest_loop_blocks_total", "ingest_loop_block_seconds_total", "process_cpu_seconds_total",
            "process_resident_memory_bytes", "process_open_fds", "process_start_time_seconds",
        ] {
            #expect(lines.contains { $0.hasPrefix("# TYPE \(name) ") }, "\(name)")
        }
        #expect(counts.images == ["png": 8])
        #expect(counts.puts == ["ok": 8])
    }

    @Test func `every line of the metrics is a comment or a figure`() async throws {
        let lines = try await withIngest { connection, _ in
            try await connection.send(UploadRequest(Self.file, to: .async).bytes)
            _ = try await connection.response()
            return try await metrics(&connection)
        }
        var names: Set<Substring> = []
        for line in lines {
            if line.hasPrefix("# TYPE ") {
                let name = line.split(separator: " ")[2]
                #expect(names.insert(name).inserted, "\(name) comes twice")
            } else if !line.hasPrefix("# HELP ") {
                #expect(
                    try /[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+/.wholeMatch(in: line)
                        != nil
                )
                let name = line.prefix { $0 != "{" && $0 != " " }
                #expect(names.contains { name.hasPrefix($0) }, "\(line) has no type")
            }
        }
    }

    @Test func `a histogram counts into the first class that is long enough`() {
        var histogram = Histogram()
        for seconds in [0, 0.001, 0.0011, 60, 61] { histogram.add(seconds) }
        #expect(histogram.counts[0] == 2)
        #expect(histogram.counts[1] == 1)
        #expect(histogram.counts.suffix(2) == [1, 1])
        #expect(histogram.count == 5)
        #expect(histogram.sum == 121.0021)
    }

    @Test func `an upload is one line in the log, and a probe is none`() async throws {
        let log = LogLines()
        try await withIngest(
            change: {
                $0.logger = Logger(label: "test", factory: { _ in log })
                $0.logger.logLevel = .info
            }
        ) { connection, _ in
            var request = UploadRequest(Self.file, to: .async)
            request.headers["X-Request-ID"] = "my-id.1"
            try await connection.send(request.bytes)
            #expect(try await connection.response()?.headers["x-request-id"] == "my-id.1")
            _ = try await connection.exchange("GET /health HTTP/1.1\r\nHost: test\r\n\r\n")
            _ = try await connection.exchange("GET /nowhere HTTP/1.1\r\nHost: test\r\n\r\n")
        }
        let lines = log.lines.all.withLock { $0 }.filter { $0["id"] != nil }
        #expect(lines.count == 2)
        let upload = try #require(lines.first)
        let size = UploadRequest(Self.file, to: .async).body.count
        for (name, value) in [
            "id": "my-id.1", "route": "async", "status": "200", "bytes": "\(size)", "pages": "2",
            "images": "4",
        ] {
            #expect(upload[name] == value, "\(name)")
        }
        for name in ["ms", "ms_receive", "ms_queue", "ms_pdf", "ms_store"] { #expect(upload[name] != nil) }
        #expect(lines.last?["code"] == "not_found")
    }
}

/// Keeps the fields of what is logged.
private struct LogLines: LogHandler {
    final class Lines: Sendable {
        let all = Mutex<[[String: String]]>([])
    }

    let lines = Lines()
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = (event.metadata ?? [:]).mapValues { "\($0)" }
        lines.all.withLock { $0.append(fields) }
    }
}
