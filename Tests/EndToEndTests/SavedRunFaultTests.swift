import BenchReport
import Foundation
import Glibc
import Testing

/// What saved runs and their folders can have wrong with them: the sentence, the hint and the status of each.
@Suite struct SavedRunFaultTests {
    private static let example = Program.checkout.appending(path: "results/example/run.json")

    /// Makes the folder of a run from the committed one.
    private func save(_ name: String, in folder: URL, _ change: (String) -> String = { $0 }) throws {
        let place = folder.appending(path: name)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let text = try String(contentsOf: Self.example, encoding: .utf8)
        try Data(change(text).utf8).write(to: place.appending(path: "run.json"))
    }

    private func expect(
        _ arguments: [String],
        in folder: URL,
        says sentence: String,
        hint: String? = nil,
        status: Int32
    ) async throws {
        let ending = try await Program.run(arguments, in: folder)
        let whole = "ingest-bench: \(sentence)\n" + (hint.map { "  hint: \($0)\n" } ?? "")
        #expect(ending.errors == whole, "\(arguments)")
        #expect(ending.status == status, "\(arguments)")
        #expect(ending.output.isEmpty, "\(arguments)")
    }

    @Test func `a run that isn't there is a mistake in the command`() async throws {
        try await withTemporaryFolder { folder in
            try FileManager.default.createDirectory(
                at: folder.appending(path: "empty"),
                withIntermediateDirectories: true
            )
            try save("good", in: folder)
            let hint = "list them: ls results/*/run.json"
            for (arguments, name) in [
                (["report", "empty"], "empty"), (["report", "moon"], "moon"),
                (["report", "moon/run.json"], "moon/run.json"), (["compare", "moon", "good"], "moon"),
                (["compare", "good", "empty"], "empty"), (["merge", "moon", "-o", "out"], "moon"),
            ] {
                let sentence = "no run.json in \(name)"
                try await expect(arguments, in: folder, says: sentence, hint: hint, status: 64)
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted()
            #expect(names == ["empty", "good"])
        }
    }

    @Test func `an output that holds anything is a mistake in the command`() async throws {
        try await withTemporaryFolder { folder in
            try save("good", in: folder)
            let sentence = "good already holds files"
            for arguments in [["report", "good", "-o", "good"], ["compare", "good", "good", "-o", "good"]] {
                let hint = "choose another --output"
                try await expect(arguments, in: folder, says: sentence, hint: hint, status: 64)
            }
            let place = "/dev/full: not a directory"
            try await expect(["report", "good", "-o", "/dev/full"], in: folder, says: place, status: 1)
        }
    }

    @Test(
        arguments: [
            (
                #""schema":"ingest-bench/run/1""#, #""moon":1"#,
                #"is not a run document: it has no "schema""#, nil
            ),
            ("run/1", "compare/1", "is not a run document: its schema is ingest-bench/compare/1", nil),
            (
                "run/1", "run/2", "has schema ingest-bench/run/2; ingest-bench 0.1.0 reads 1",
                "update ingest-bench"
            ),
            (#""rounds":["#, #""moon":["#, "lacks rounds", nil),
            (#""makespan_s":"#, #""moon":"#, "lacks rounds[0].makespan_s", nil),
            (
                #""done_ns":["#, #""done_ns":[1,"#,
                "is damaged: rounds[0] (blocking) has 100 samples but 101 values in done_ns", nil
            ),
            ("\n \"id\":", "\n \"id\" ", "is not JSON: line 3, column 7", nil),
        ] as [(String, String, String, String?)]
    )
    func `a damaged document is named, with what is wrong`(
        text: String,
        other: String,
        reason: String,
        hint: String?
    ) async throws {
        try await withTemporaryFolder { folder in
            try save("bad", in: folder) { $0.replacing(text, with: other, maxReplacements: 1) }
            let sentence = "bad/run.json \(reason)"
            try await expect(["report", "bad"], in: folder, says: sentence, hint: hint, status: 1)
        }
    }

    @Test func `a document that is cut off, too large or no file is named`() async throws {
        try await withTemporaryFolder { folder in
            try save("cut", in: folder)
            let cut = folder.appending(path: "cut/run.json").path()
            truncate(cut, 81_920)
            let early = "cut/run.json ends early, after 81920 bytes"
            try await expect(["report", "cut"], in: folder, says: early, status: 1)
            truncate(cut, 0)
            let empty = "cut/run.json ends early, after 0 bytes"
            try await expect(["report", "cut/run.json"], in: folder, says: empty, status: 1)
            // Sparse: it takes no room on the disk, and none in memory.
            truncate(cut, 1 << 31)
            let large = "cut/run.json is larger than 1 GiB: 2147483648 bytes"
            try await expect(["report", "cut"], in: folder, says: large, status: 1)
            unlink(cut)
            mkdir(cut, 0o700)
            let other = "cut/run.json: is a directory"
            try await expect(["report", "cut"], in: folder, says: other, status: 1)
            rmdir(cut)
            symlink("run.json", cut)
            let loop = "cut/run.json: too many levels of symbolic links"
            try await expect(["report", "cut"], in: folder, says: loop, status: 1)
        }
    }

    @Test func `a killed run without a whole block leaves nothing to report`() async throws {
        try await withTemporaryFolder { folder in
            let place = folder.appending(path: "killed")
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            let text = try String(contentsOf: Self.example, encoding: .utf8)
            let document = try RunDocument(json: Array(text.utf8))
            var head = document
            head.rounds = []
            let bytes = [0x1E] + (try head.json())
            try Data(bytes).write(to: place.appending(path: "run.part"))
            let sentence = "no complete round: nothing to report"
            try await expect(["report", "killed"], in: folder, says: sentence, status: 1)
            let left = try FileManager.default.contentsOfDirectory(atPath: place.path())
            #expect(left == ["run.part"], "what is left is kept")
        }
    }

    @Test func `columns that are missing cost charts, and are told under Checks`() async throws {
        try await withTemporaryFolder { folder in
            try save("stages", in: folder) { $0.replacing("\"stages\":{\"", with: "\"moon\":{\"") }
            let ending = try await Program.run(["report", "stages", "--format", "svg"], in: folder)
            #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)")
            #expect(ending.output.contains("waterfall without stages: run.json has no stage times"))
            try save("samples", in: folder) { $0.replacing("\"samples\":{", with: "\"moon\":{") }
            let other = try await Program.run(["report", "samples", "--format", "svg"], in: folder)
            #expect(other.status == 0 && other.errors.isEmpty, "\(other.errors)")
            #expect(other.output.contains("timeline not drawn: run.json has no samples"))
        }
    }

    @Test(
        .enabled(if: FullDiskTests.mayMount, "needs the right to mount a file system"),
        arguments: [
            ("size=1m", "small/out: 4.", " are free"),
            ("size=64m,ro", "small/out: read-only file system", ""),
        ]
    )
    func `a place that can't hold the results is refused before measuring`(
        options: String,
        beginning: String,
        end: String
    ) async throws {
        try await withTemporaryFolder { folder in
            try Data(count: 10).write(to: folder.appending(path: "one.bin"))
            let program = try Program(
                ["run", "one.bin", "3", "--target", "a=http://127.0.0.1:9/", "-o", "small/out"],
                in: folder,
                prelude: "mkdir small && mount -t tmpfs -o \(options) none small"
            )
            let ending = await program.ending()
            #expect(ending.status == 1)
            #expect(ending.errors.hasPrefix("ingest-bench: \(beginning)"), "\(ending.errors)")
            #expect(ending.errors.hasSuffix("\(end)\n") && ending.output.isEmpty, "\(ending.errors)")
        }
    }

    @Test(.enabled(if: FullDiskTests.mayMount, "needs the right to mount a file system"))
    func `an export that finds no room leaves the document, and the others where they have room`()
        async throws
    {
        try await withTemporaryFolder { folder in
            try save("here", in: folder)
            let size = try Data(contentsOf: Self.example).count
            // As much room as the tables take, but not the charts.
            let room = (size / 4096 + 60) * 4096
            let program = try Program(
                ["report", "small/here", "--format", "csv,png"],
                in: folder,
                prelude: "mkdir small && mount -t tmpfs -o size=\(room) none small && cp -r here small && "
                    + "\"$@\"; status=$?; ls -A small/here; sha256sum < small/here/run.json; "
                    + "sha256sum < here/run.json; exit $status"
            )
            let ending = await program.ending()
            #expect(ending.status == 1)
            let sentence = /ingest-bench: small\/here\/\S+: no space left on device\n/
            #expect(ending.errors.contains(sentence), "\(ending.errors)")
            let hint = "  hint: run.json is safe; ingest-bench report small/here rebuilds the rest\n"
            #expect(ending.errors.contains(hint), "\(ending.errors)")
            let lines = ending.output.split(separator: "\n").suffix(12)
            #expect(lines.contains("summary.csv") && !lines.contains { $0.hasSuffix(".part") }, "\(lines)")
            #expect(lines.suffix(1) == lines.dropLast().suffix(1), "run.json is as it was: \(lines)")
        }
    }
}
