import Foundation
import Testing

/// The scripts that action.yml runs, with programs in place of the benchmark and of GitHub's client.
@Suite struct ContinuousIntegrationTests {
    private static let report =
        "<!-- ingest-bench:async-vs-blocking -->\n**async serves more.**\n\n<picture><img alt=\"a\" src=\"b\"></picture>\n"
        + "<details><summary>More charts</summary>\n\n<img alt=\"a\" src=\"b\">\n\n</details>\n\nThe end.\n"

    /// Runs a script of the checkout in a folder where `bin` comes first on the path.
    private func run(_ script: String, _ arguments: [String], _ variables: [String: String], in folder: URL)
        throws
        -> (status: Int32, output: String)
    {
        let process = Process()
        process.executableURL = SourceTree.root.appending(path: "scripts/\(script)")
        process.arguments = arguments
        process.currentDirectoryURL = folder
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        process.environment = variables.merging(["PATH": "\(folder.path())/bin:\(path)"]) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, output)
    }

    private func withFolder(_ program: String, _ script: String, _ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "ingest-bench-\(UUID().uuidString)"
        )
        // What stays behind in the temporary files does no harm.
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(
            at: folder.appending(path: "bin"),
            withIntermediateDirectories: true
        )
        let place = folder.appending(path: "bin/\(program)")
        try Data("#!/bin/bash\n\(script)\n".utf8).write(to: place)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: place.path())
        try body(folder)
    }

    private func text(_ name: String, _ folder: URL) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    @Test(arguments: ["0", "2"])
    func `measuring passes every line on as one argument, and keeps the status`(_ status: String) throws {
        let program = """
            printf '%s\\n' "$@" >arguments
            mkdir -p 'the results'
            printf '%s' "$REPORT" >'the results/report.md'
            exit \(status)
            """
        try withFolder("bench", program) { folder in
            let ending = try run(
                "ci-measure",
                [],
                [
                    "INGEST_BENCH": "\(folder.path())/bin/bench", "BENCH_FILES": "a file.pdf\n\nb.pdf\n",
                    "BENCH_REQUESTS": "50", "BENCH_TARGETS": "a=http://h/up?x=1&y=2\nb=http://h/$(id)\n",
                    "BENCH_THRESHOLDS": "p99 < 4s", "BENCH_ARGUMENTS": "--probe\n/health",
                    "BENCH_OUTPUT": "the results", "GITHUB_OUTPUT": "outputs",
                    "GITHUB_STEP_SUMMARY": "summary",
                    "REPORT": Self.report,
                ],
                in: folder
            )
            #expect(ending.status == 0)
            #expect(
                try text("arguments", folder).split(separator: "\n") == [
                    "run", "a file.pdf", "b.pdf", "50", "--target", "a=http://h/up?x=1&y=2", "--target",
                    "b=http://h/$(id)", "--threshold", "p99 < 4s", "--probe", "/health", "--output",
                    "the results",
                    "--format", "all",
                ]
            )
            #expect(try text("outputs", folder) == "status=\(status)\n")
            let summary = try text("summary", folder)
            #expect(summary.contains("**async serves more.**") && !summary.contains("<picture>"))
            #expect(!summary.contains("details>") && summary.hasSuffix("\n\nThe end.\n"))
        }
    }

    private static let client = """
        printf '%s|' "$@" >>calls
        echo >>calls
        case "$*" in *PATCH*|*POST*) ;; *) printf '%s' "$FOUND" ;; esac
        """

    @Test(arguments: [
        ("", "--method|POST|repos/o/r/issues/7/comments|"),
        ("42\n43\n", "--method|PATCH|repos/o/r/issues/comments/42|"),
    ])
    func `a comment is made once and then updated`(_ found: String, _ call: String) throws {
        try withFolder("gh", Self.client) { folder in
            try Data(Self.report.utf8).write(to: folder.appending(path: "report.md"))
            let ending = try run(
                "ci-comment",
                ["report.md"],
                ["GITHUB_REPOSITORY": "o/r", "PULL_REQUEST": "7", "GITHUB_RUN_ID": "9", "FOUND": found],
                in: folder
            )
            #expect(ending.status == 0)
            let calls = try text("calls", folder)
            #expect(calls.contains("repos/o/r/issues/7/comments|--jq|"))
            #expect(calls.contains(call))
            #expect(calls.contains("body=<!-- ingest-bench:async-vs-blocking -->"))
            #expect(calls.contains("o/r/actions/runs/9") && !calls.contains("<picture>"))
        }
    }

    @Test func `a run that left no report makes no comment, and fails nothing more`() throws {
        try withFolder("gh", Self.client) { folder in
            let variables = ["GITHUB_REPOSITORY": "o/r", "PULL_REQUEST": "7"]
            let ending = try run("ci-comment", ["report.md"], variables, in: folder)
            #expect(ending.status == 0)
            #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "calls").path()))
        }
    }

    @Test func `what is no report is no comment`() throws {
        try withFolder("gh", Self.client) { folder in
            try Data("hello\n".utf8).write(to: folder.appending(path: "report.md"))
            let variables = ["GITHUB_REPOSITORY": "o/r", "PULL_REQUEST": "7"]
            #expect(try run("ci-comment", ["report.md"], variables, in: folder).status == 1)
            #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "calls").path()))
        }
    }

    @Test func `the action runs scripts that are there and can be run`() throws {
        let action = try #require(SourceTree.file("action.yml")).lines.joined(separator: "\n")
        let scripts = action.matches(of: /\$GITHUB_ACTION_PATH\/(scripts\/[a-z-]+)/).map { String($0.1) }
        #expect(scripts == ["scripts/ci-measure", "scripts/ci-comment"])
        for script in scripts {
            #expect(
                FileManager.default.isExecutableFile(atPath: SourceTree.root.appending(path: script).path())
            )
        }
        // The run's status is that of the job, whatever became of the steps before.
        #expect(action.contains("- if: always()\n      shell: bash\n      env:\n        STATUS:"))
        // Each input is used, and each that is used is declared.
        let used = Set(action.matches(of: /inputs\.([a-z]+)/).map { String($0.1) })
        let declared = Set(action.matches(of: /\n  ([a-z]+):\n    description:/).map { String($0.1) })
        #expect(used.isSubset(of: declared))
        #expect(declared.subtracting(used) == ["status", "report"])
    }
}
