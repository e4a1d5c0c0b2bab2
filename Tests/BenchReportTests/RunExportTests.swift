import BenchReport
import Foundation
import Measurements
import Synchronization
import Testing
import Zlib

/// A folder that is removed after its test.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "ingest-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        path = url.path
    }

    deinit {
        // A folder that stays behind in the temporary files does no harm.
        try? FileManager.default.removeItem(atPath: path)
    }

    func names(in folder: String = "") throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: "\(path)/\(folder)").sorted()
    }

    func text(_ name: String) throws -> String {
        try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
    }

    func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: "\(path)/\(name)")))
    }
}

struct RunExportTests {
    private static let exports = [
        "charts", "charts/percentiles.svg", "charts/shift.svg", "charts/summary.svg", "charts/timeline.svg",
        "charts/waterfall.svg",
        "probes.csv.gz", "report.md", "requests.csv.gz", "rounds.csv", "run.json", "summary.csv",
    ]

    private static func small(_ change: (inout SampleRun) -> Void = { _ in }) -> RunDocument {
        var run = SampleRun()
        run.uploads = 4
        run.rounds = 6
        change(&run)
        return run.document()
    }

    private func export(to path: String, _ files: FileSystem = .real) -> RunExport {
        RunExport(to: ResultsFolder(at: path, files: files), formats: [.json, .csv, .md, .svg]) {
            "\($0.count)"
        }
    }

    @Test func `a run leaves its document and every export`() throws {
        let folder = try TemporaryFolder()
        let outcome = try export(to: folder.path).write(Self.small(), rescue: folder.path)
        #expect(outcome.failures.isEmpty)
        #expect(try folder.names() == Self.exports)
        #expect(Set(outcome.written.names) == Set(Self.exports).subtracting(["charts"]))
    }

    @Test func `exports are rebuilt from the document alone, to the byte`() throws {
        let folder = try TemporaryFolder()
        _ = try export(to: folder.path).write(Self.small(), rescue: folder.path)
        let names = try folder.names().filter { $0 != "charts" && $0 != "run.json" }
        let before = try names.map { try folder.bytes($0) }
        for name in names { try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)") }
        let run = try ResultsFolder.readRun(at: "\(folder.path)/run.json", files: .real)
        let outcome = export(to: run.folder.path).rewrite(run.document)
        #expect(outcome.failures.isEmpty)
        #expect(try names.map { try folder.bytes($0) } == before)
    }

    @Test func `an export that is the same is left untouched`() throws {
        let folder = try TemporaryFolder()
        _ = try export(to: folder.path).write(Self.small(), rescue: folder.path)
        func numbers() throws -> [UInt64?] {
            try Self.exports.map { name in
                try FileManager.default.attributesOfItem(atPath: "\(folder.path)/\(name)")[.systemFileNumber]
                    as? UInt64
            }
        }
        let before = try numbers()
        let run = try ResultsFolder.readRun(at: folder.path, files: .real)
        _ = export(to: folder.path).rewrite(run.document)
        #expect(try numbers() == before)
    }

    @Test func `an earlier document is never replaced`() throws {
        let folder = try TemporaryFolder()
        let document = Self.small()
        _ = try export(to: folder.path).write(document, rescue: folder.path)
        let before = try folder.bytes("run.json")
        let error = #expect(throws: ReportError.self) {
            try export(to: folder.path).write(Self.small { $0.seed = 7 }, rescue: folder.path)
        }
        #expect(error?.message == "\(folder.path)/run.json: file exists")
        #expect(try folder.bytes("run.json") == before)
    }

    /// Where hard links are refused (vfat, vboxsf) the whole run used to be lost.
    @Test(arguments: [EPERM, ENOSYS, EOPNOTSUPP, EINVAL])
    func `without hard links the document is written, and never replaced`(_ code: Int32) throws {
        let folder = try TemporaryFolder()
        let files = FileSystem { call in call == .link ? code : 0 }
        let outcome = try export(to: folder.path, files).write(Self.small(), rescue: folder.path)
        #expect(outcome.failures.isEmpty)
        #expect(try folder.names() == Self.exports)
        let before = try folder.bytes("run.json")
        let error = #expect(throws: ReportError.self) {
            try export(to: folder.path, files).write(Self.small { $0.seed = 7 }, rescue: folder.path)
        }
        #expect(error == .file(path: "\(folder.path)/run.json", code: EEXIST))
        #expect(try folder.bytes("run.json") == before)
        #expect(try folder.names() == Self.exports)
    }

    @Test func `a name that was taken for a document is free again if it can't be written`() throws {
        let folder = try TemporaryFolder()
        let files = FileSystem { [.link, .rename].contains($0) ? EPERM : 0 }
        #expect(throws: ReportError.savedNowhere(path: "\(folder.path)/run.json", code: EPERM)) {
            try export(to: folder.path, files).write(Self.small(), rescue: "\(folder.path)/rescue")
        }
        #expect(try folder.names() == ["rescue"])
    }

    @Test(arguments: [
        (ENOSPC, "no space left on device"), (EPERM, "operation not permitted"),
        (EACCES, "permission denied"),
        (ENOENT, "no such file or directory"),
    ])
    func `a document that can't be written is saved elsewhere`(_ code: Int32, _ reason: String) throws {
        let folder = try TemporaryFolder()
        let made = try ResultsFolder.make(named: "run", in: "\(folder.path)/full", files: .real)
        let fails = Mutex(true)
        let files = FileSystem { call in
            call == .write
                && fails.withLock { value in
                    defer { value = false }; return value
                } ? code : 0
        }
        let error = #expect(throws: ReportError.self) {
            try export(to: made.path, files).write(Self.small(), rescue: "\(folder.path)/rescue")
        }
        #expect(
            error?.message
                == "\(folder.path)/full/run/run.json: \(reason); saved as \(folder.path)/rescue/run/run.json"
        )
        #expect(error?.hint == "move it, then: ingest-bench report")
        #expect(try RunDocument(json: folder.bytes("rescue/run/run.json")) == Self.small())
    }

    @Test func `hostile names break no export`() throws {
        let name = "<script>|\"=1+1`\u{1B}[2J\n" + String(repeating: "x", count: 300)
        let document = Self.small { run in
            run.fileName = name
            run.edit = { sample, target, round, place in
                guard target == 1, round == 0, place == 0 else { return }
                sample.outcome = .status
                sample.status = 500
            }
            run.firstAnswers = [FirstAnswer(target: "async", status: 500, body: name)]
        }
        let folder = try TemporaryFolder()
        let outcome = try export(to: folder.path).write(document, rescue: folder.path)
        #expect(outcome.failures.isEmpty)
        let rows = CSVRows.parse(try folder.text("summary.csv"))
        #expect(rows.count == document.results.count + 1 && rows.allSatisfy { $0.count == rows[0].count })
        let requests = try Inflate.unpacked(folder.bytes("requests.csv.gz"), limit: 1 << 24)
        let uploads = CSVRows.parse(String(decoding: requests, as: UTF8.self))
        #expect(uploads.count == 4 * 14 + 1 && uploads.allSatisfy { $0.count == uploads[0].count })
        #expect(uploads[1][7] == name)
        let report = try folder.text("report.md")
        #expect(!report.contains("<script>") && !report.contains("\u{1B}"))
        let table = report.split(separator: "\n").filter { $0.hasPrefix("| async |") && $0.contains("http") }
        #expect(table.count == 1 && table[0].replacing("\\|", with: "").count { $0 == "|" } == 7)
        let svg = try folder.text("charts/summary.svg")
        #expect(!svg.contains("<script>") && !svg.contains("\u{1B}"))
    }

    @Test func `tables name their columns and give every number back`() throws {
        let folder = try TemporaryFolder()
        let document = Self.small()
        _ = try export(to: folder.path).write(document, rescue: folder.path)
        let summary = CSVRows.parse(try folder.text("summary.csv"))
        #expect(
            summary[0].joined(separator: ",")
                == "schema,run_id,target,baseline,mode,concurrency,rate,size_class,metric,unit,better,rounds,n_ok,"
                + "n_error,value,ci_low,ci_high,change,change_low,change_high,p_value,ratio_of_medians,verdict,"
                + "tail_samples,flags"
        )
        for (row, result) in zip(summary.dropFirst(), document.results) {
            #expect(Double(row[14]) == result.level.value)
            #expect(Double(row[17]) == result.change?.estimate)
            #expect(row[22] == result.change?.verdict.rawValue ?? "")
        }
        let rounds = CSVRows.parse(try folder.text("rounds.csv"))
        #expect(rounds.count == document.rounds.count + 1 && rounds[0].count == 33)
        #expect(rounds.dropFirst().map { Double($0[10]) } == document.rounds.map(\.summary.throughput))
        let probes = try Inflate.unpacked(folder.bytes("probes.csv.gz"), limit: 1 << 24)
        let measured = document.rounds.filter { !$0.record.isWarmup }.reduce(0) {
            $0 + $1.record.probes.count
        }
        #expect(CSVRows.parse(String(decoding: probes, as: UTF8.self)).count == measured + 1)
    }

    @Test func `the Markdown report begins with its marker and its verdict`() throws {
        let folder = try TemporaryFolder()
        let document = Self.small()
        _ = try export(to: folder.path).write(document, rescue: folder.path)
        let lines = try folder.text("report.md").split(separator: "\n")
        #expect(lines[0] == "<!-- ingest-bench:async-vs-blocking -->")
        #expect(lines[1] == "**\(document.verdict)**")
        #expect(lines.contains { $0.hasPrefix("| Throughput, req/s | ") && $0.hasSuffix(" | better |") })
        #expect(lines.contains { $0.hasPrefix("<img alt=\"Bar chart. async vs blocking, 4 uploads") })
        #expect(lines.contains("ingest-bench run sample.pdf 100"))
    }

    /// It used to leave run.json alone, and to say neither that nor where it was.
    @Test func `a run cut off in its first block leaves every table and no chart`() throws {
        let folder = try TemporaryFolder()
        let document = Self.small { run in
            run.rounds = 1
            run.interrupted = "SIGINT"
            run.edit = { sample, target, _, _ in if target == 1 { sample.outcome = .cancelled } }
        }
        let outcome = try export(to: folder.path).write(document, rescue: folder.path)
        let names = [
            "probes.csv.gz", "report.md", "requests.csv.gz", "rounds.csv", "run.json", "summary.csv",
        ]
        #expect(outcome.failures.isEmpty)
        #expect(try folder.names() == names)
        #expect(Set(outcome.written.names) == Set(names))
        #expect(CSVRows.parse(try folder.text("summary.csv")).count == 1)
        #expect(CSVRows.parse(try folder.text("rounds.csv")).count == document.rounds.count + 1)
        let verdict =
            "no complete block, so there is nothing to compare; kept: 2 warm-up rounds (8 uploads) and 2 measured "
            + "rounds (8 uploads)."
        #expect(document.verdict == verdict)
        let report = try folder.text("report.md")
        #expect(report.contains("**\(verdict)**\n\nPARTIAL: 0 of 1 blocks, interrupted by SIGINT · "))
        #expect(!report.contains("Hodges"))
        let before = try names.map { try folder.bytes($0) }
        let run = try ResultsFolder.readRun(at: folder.path, files: .real)
        #expect(export(to: folder.path).rewrite(run.document).failures.isEmpty)
        #expect(try names.map { try folder.bytes($0) } == before)
    }
}

struct ResultsFolderTests {
    @Test(arguments: [
        ("sample.pdf", "20261122T154000Z-sample-100"), ("a/b c.tar.gz", "20261122T154000Z-b-c-tar-100"),
        ("scans/", "20261122T154000Z-scans-100"), (".pdf", "20261122T154000Z--pdf-100"),
        ("../é\n.pdf", "20261122T154000Z----100"),
    ])
    func `a folder is named for time, file and uploads`(_ input: String, _ name: String) {
        #expect(ResultsFolder.defaultName(started: SampleRun.epoch, input: input, load: "100") == name)
    }

    @Test func `a name that is taken gets a number`() throws {
        let folder = try TemporaryFolder()
        let names = try (0..<3).map { _ in
            try ResultsFolder.make(named: "run", in: "\(folder.path)/results", files: .real).name
        }
        #expect(names == ["run", "run-2", "run-3"])
    }

    @Test func `an output that holds anything is refused, an empty one is taken`() throws {
        let folder = try TemporaryFolder()
        #expect(try ResultsFolder.make(at: "\(folder.path)/", files: .real).path == folder.path)
        let deep = try ResultsFolder.make(at: "\(folder.path)/a/b", files: .real)
        #expect(deep.name == "b")
        let error = #expect(throws: ReportError.self) {
            try ResultsFolder.make(at: folder.path, files: .real)
        }
        #expect(error?.message == "\(folder.path) already holds files")
        #expect(error?.hint == "choose another --output")
        #expect(error?.isUsage == true)
    }

    @Test func `latest points at the newest folder and never replaces what is no link`() throws {
        let folder = try TemporaryFolder()
        let link = "\(folder.path)/latest"
        for name in ["first", "second"] {
            try ResultsFolder.make(named: name, in: folder.path, files: .real).becomeLatest()
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == name)
        }
        try FileManager.default.removeItem(atPath: link)
        try Data("mine".utf8).write(to: URL(filePath: link))
        try ResultsFolder(at: "\(folder.path)/first", files: .real).becomeLatest()
        #expect(try folder.text("latest") == "mine")
    }

    @Test func `room is checked before measuring`() throws {
        let folder = try TemporaryFolder()
        let results = ResultsFolder(at: folder.path, files: .real)
        try results.checkRoom(forUploads: 100)
        let error = #expect(throws: ReportError.self) { try results.checkRoom(forUploads: 1 << 50) }
        #expect(error?.message.contains(" TB are needed, ") == true)
        let refused = #expect(throws: ReportError.self) {
            try ResultsFolder(at: folder.path, files: FileSystem { _ in EACCES }).checkRoom(forUploads: 1)
        }
        #expect(refused?.message == "\(folder.path): permission denied")
    }

    @Test func `a folder without a run is told, and so is a damaged one`() throws {
        let folder = try TemporaryFolder()
        let missing = #expect(throws: ReportError.self) {
            try ResultsFolder.readRun(at: folder.path, files: .real)
        }
        #expect(missing?.message == "no run.json in \(folder.path)")
        #expect(missing?.hint == "list them: ls results/*/run.json")
        #expect(missing?.isUsage == true)
        try Data("{\"schema\":".utf8).write(to: URL(filePath: "\(folder.path)/run.json"))
        let cut = #expect(throws: ReportError.self) {
            try ResultsFolder.readRun(at: folder.path, files: .real)
        }
        #expect(cut?.message == "\(folder.path)/run.json ends early, after 10 bytes")
        #expect(cut?.isUsage == false)
    }
}
