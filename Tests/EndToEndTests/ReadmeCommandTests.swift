import BenchReport
import Foundation
import Measurements
import S3Client
import S3Wire
import Testing

/// The README's commands, run as they stand there but for what would take minutes: the number of rounds.
@Suite struct ReadmeCommandTests {
    private static let keys = ["AWS_ACCESS_KEY_ID": "TESTKEY", "AWS_SECRET_ACCESS_KEY": "test-secret"]

    /// Runs a command of the README in a folder that holds the sample.
    private func run(_ command: String, adding more: [String] = [], in folder: URL) async throws
        -> Program.Ending
    {
        let arguments = command.split(separator: " ").map { $0.replacingOccurrences(of: "'", with: "") }
        return try await Program.run(arguments + more, environment: Self.keys, in: folder)
    }

    private func withSample(_ body: (URL) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let sample = Program.checkout.appending(path: "sample.pdf")
            try FileManager.default.copyItem(at: sample, to: folder.appending(path: "sample.pdf"))
            try await body(folder)
        }
    }

    @Test func `the first command writes results that report reads`() async throws {
        try await withSample { folder in
            let ending = try await run(
                "run sample.pdf 100",
                adding: ["--rounds", "1", "--warmup", "0"],
                in: folder
            )
            #expect(ending.output.contains("100 in flight"), "\(ending.errors)")
            let again = try await run("report results/latest", in: folder)
            #expect(again.status == 0, "\(again.errors)")
            let example = Program.checkout.appending(path: "results/example")
            try FileManager.default.copyItem(at: example, to: folder.appending(path: "results/example"))
            let compared = try await run("compare results/example results/latest", in: folder)
            #expect(compared.status == 0 && compared.output.contains("VERDICT"), "\(compared.errors)")
        }
    }

    @Test func `a target of one's own is measured`() async throws {
        try await withSample { folder in
            let server = try Program(["serve", "--port", "0"], in: folder)
            let line = try #require(await server.line(containing: "http://"))
            let url = try #require(line.split(separator: " ").first { $0.hasPrefix("http://") })
            let command =
                "run sample.pdf 100 --target before=http://127.0.0.1:8000/upload --target after=http://127.0.0.1:8001/upload --probe /health"
            let here =
                command
                .replacingOccurrences(of: "http://127.0.0.1:8000/upload", with: "\(url)/ingest/blocking")
                .replacingOccurrences(of: "http://127.0.0.1:8001/upload", with: "\(url)/ingest/async")
            let ending = try await run(here, adding: ["--rounds", "1", "--warmup", "0"], in: folder)
            #expect(ending.output.contains("before (baseline) vs after"), "\(ending.errors)")
            server.send(SIGTERM)
            #expect(await server.ending().status == 0)
        }
    }

    @Test func `thresholds are judged and shown`() async throws {
        try await withSample { folder in
            let command =
                "run sample.pdf 100 --threshold 'p99<4s' --threshold 'errors<1%' --threshold 'async.throughput>blocking*1.2'"
            let here = command.replacing(" 100 ", with: " 4 ")
            let ending = try await run(
                here,
                adding: ["--rounds", "6", "--warmup", "0", "--format", "csv", "-o", "out"],
                in: folder
            )
            #expect([0, 1, 2].contains(ending.status), "\(ending.errors)")
            #expect(ending.output.contains("\nThresholds\n"), "\(ending.errors)")
            let out = folder.appending(path: "out").path()
            let document = try ResultsFolder.readRun(at: out, files: .real).document
            let isInvalid = document.validity.verdict == .invalid
            #expect(document.thresholds.count == (isInvalid ? 3 : 5))
        }
    }

    @Test(arguments: ["serve --port 8000", "store --port 9000 --data objects"])
    func `a server says where it is`(command: String) async throws {
        try await withTemporaryFolder { folder in
            let free = command.replacingOccurrences(of: "8000", with: "0").replacingOccurrences(
                of: "9000",
                with: "0"
            )
            let arguments = free.split(separator: " ").map(String.init)
            let server = try Program(arguments, environment: Self.keys, in: folder)
            _ = try #require(await server.line(containing: "listens on http://127.0.0.1:"))
            server.send(SIGTERM)
            #expect(await server.ending().status == 0)
        }
    }

    @Test func `a sample of other proportions is made`() async throws {
        try await withTemporaryFolder { folder in
            let ending = try await run("sample big.pdf --pages 40 --images 2", in: folder)
            #expect(ending.status == 0, "\(ending.errors)")
        }
    }

    @Test func `a store that is named by its URL takes every image`() async throws {
        try await withSample { folder in
            let store = try Program(["store", "--port", "0", "--memory"], environment: Self.keys, in: folder)
            let line = try #require(await store.line(containing: "http://"))
            let url = try #require(line.split(separator: " ").first { $0.hasPrefix("http://") })
            let client = try S3Client(
                endpoint: S3Endpoint(url: String(url)),
                credentials: S3Credentials.fromEnvironment(Self.keys)
            )
            defer { client.stop() }
            try await client.createBucket("documents")
            let command = "run sample.pdf 100 --s3 http://127.0.0.1:9000 --bucket documents"
            let here = command.replacing("http://127.0.0.1:9000", with: url).replacing(" 100 ", with: " 3 ")
            let ending = try await run(here, adding: ["--rounds", "1", "-o", "out"], in: folder)
            let out = folder.appending(path: "out").path()
            let document = try ResultsFolder.readRun(at: out, files: .real).document
            #expect(document.plan.server?.store == String(url))
            #expect(document.errors.isEmpty, "\(ending.errors)")
            #expect(document.rounds.allSatisfy { $0.summary.succeeded == 3 })
            // They stay, as the README says.
            let page = try await client.listPage(S3Listing(bucket: "documents"))
            #expect(!page.objects.isEmpty)
            store.send(SIGTERM)
            #expect(await store.ending().status == 0)
        }
    }

    @Test func `a store that refuses connections fails the uploads`() async throws {
        try await withSample { folder in
            let ending = try await run(
                "run sample.pdf 3 --s3 http://127.0.0.1:1 --bucket documents --rounds 1",
                in: folder
            )
            #expect(ending.status == 1)
            #expect(ending.errors.contains("store_failed"), "\(ending.errors)")
        }
    }

    /// What is shown was once compared by its date alone.
    @Test func `the README shows what report makes of the committed run`() async throws {
        try await withTemporaryFolder { folder in
            let committed = Program.checkout.appending(path: "results/example")
            let copy = folder.appending(path: "example")
            try FileManager.default.copyItem(at: committed, to: copy)
            let readme = try String(
                contentsOf: Program.checkout.appending(path: "README.md"),
                encoding: .utf8
            )
            let ending = try await run("report example", in: folder)
            #expect(ending.status == 0, "\(ending.errors)")
            let parts = ending.output.split(separator: "\nWrote  ")
            #expect(parts.count == 2)
            #expect(readme.contains("```\n\(parts[0])\nWrote  "))
            let names = try FileManager.default.contentsOfDirectory(atPath: copy.path())
            for name in names where !name.hasSuffix(".gz") && name.contains(".") {
                let made = try Data(contentsOf: copy.appending(path: name))
                #expect(try made == Data(contentsOf: committed.appending(path: name)), "\(name)")
            }
            let report = try String(contentsOf: copy.appending(path: "report.md"), encoding: .utf8)
            let shown = readme.matches(of: /alt="([^"]+)"/).map(\.1)
            #expect(shown.count == 2)
            #expect(shown == report.matches(of: /alt="([^"]+)"/).map(\.1).prefix(2).map { $0 })
        }
    }
}
