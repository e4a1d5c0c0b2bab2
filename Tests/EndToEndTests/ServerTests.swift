import Foundation
import Testing

/// `serve`, `store` and `sample`, as a user runs them.
@Suite struct ServerTests {
    private static let keys = ["AWS_ACCESS_KEY_ID": "TESTKEY", "AWS_SECRET_ACCESS_KEY": "test-secret"]

    /// The URL in the line that a server prints once it accepts connections.
    private func url(of program: Program) async throws -> String {
        let line = try #require(await program.line(containing: "http://"))
        return try #require(line.split(separator: " ").first { $0.hasPrefix("http://") }.map(String.init))
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `servers say where they are, work together and stop cleanly`(signal: Int32) async throws {
        try await withTemporaryFolder { folder in
            let store = try Program(["store", "--port", "0", "--memory"], environment: Self.keys, in: folder)
            let storeURL = try await url(of: store)
            let server = try Program(
                ["serve", "--port", "0", "--s3", storeURL, "--bucket", "documents"],
                environment: Self.keys,
                in: folder
            )
            let target = try await url(of: server) + "/ingest/async"
            _ = try await Program.run(["sample", "one.pdf", "--pages", "1"], in: folder)
            // The bucket is missing: a server never makes one in a store that isn't its own.
            let ending = try await Program.run(
                ["run", "one.pdf", "2", "--rounds", "1", "--target", "async=\(target)", "-o", "out"],
                in: folder
            )
            #expect(ending.status == 1, "\(ending.errors)")
            #expect(ending.errors.contains("store_failed"), "\(ending.errors)")
            for program in [server, store] {
                program.send(signal)
                let ending = await program.ending()
                #expect(ending.status == 0, "\(ending.errors)")
            }
        }
    }

    /// A burst of a thousand uploads used up the thousand that a shell allows, and the store was blamed.
    @Test(arguments: ["serve", "store"])
    func `servers may open as many files as the system lets them`(command: String) async throws {
        try await withTemporaryFolder { folder in
            let arguments = [command, "--port", "0"]
            let server = try Program(arguments, environment: Self.keys, in: folder, openFiles: 64)
            _ = try await url(of: server)
            let limits = try server.kernelFile("limits").split(separator: "\n")
            let line = try #require(limits.first { $0.hasPrefix("Max open files") })
            let values = line.split(separator: " ").dropFirst(3).prefix(2)
            #expect(values.first != "64" && values.first == values.last, "\(line)")
            server.send(SIGTERM)
            #expect(await server.ending().status == 0)
        }
    }

    @Test func `an embedded server serves runs of another process`() async throws {
        try await withTemporaryFolder { folder in
            let server = try Program(["serve", "--port", "0"], in: folder)
            let base = try await url(of: server)
            _ = try await Program.run(["sample", "one.pdf", "--pages", "1"], in: folder)
            let ending = try await Program.run(
                [
                    "run", "one.pdf", "3", "--rounds", "1", "--target", "a=\(base)/ingest/blocking",
                    "--target", "b=\(base)/ingest/async", "--baseline", "b", "--probe", "/health", "-o",
                    "out",
                ],
                in: folder
            )
            // A machine busy with other tests may make the run INVALID, which it says.
            let isInvalid = ending.output.hasPrefix("INVALID")
            #expect(ending.status == (isInvalid ? 1 : 0), "\(ending.errors)")
            #expect(ending.output.contains("b (baseline)"))
            server.send(SIGTERM)
            #expect(await server.ending().status == 0)
        }
    }

    @Test func `the sample in the checkout is what the command makes`() async throws {
        try await withTemporaryFolder { folder in
            let ending = try await Program.run(["sample", "again.pdf"], in: folder)
            #expect(ending.status == 0, "\(ending.errors)")
            let committed = try Data(contentsOf: Program.checkout.appending(path: "sample.pdf"))
            let made = try Data(contentsOf: folder.appending(path: "again.pdf"))
            #expect(committed == made)
            #expect((850_000...1_000_000).contains(made.count))
        }
    }

    @Test func `sample refuses to overwrite a file`() async throws {
        try await withTemporaryFolder { folder in
            try Data("mine".utf8).write(to: folder.appending(path: "mine.pdf"))
            let ending = try await Program.run(["sample", "mine.pdf"], in: folder)
            #expect(ending.status == 64)
            #expect(try Data(contentsOf: folder.appending(path: "mine.pdf")) == Data("mine".utf8))
        }
    }
}
