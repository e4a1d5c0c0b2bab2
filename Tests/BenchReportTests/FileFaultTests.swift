import BenchReport
import Foundation
import Measurements
import Synchronization
import Testing

/// The first, the second, … call that writes fails, until none is left to fail: what was there before is
/// untouched, nothing temporary stays, and the failure is told.
struct FileFaultTests {
    /// Runs work whose n-th call fails, for every n.
    ///
    /// - Parameters:
    ///   - code: What the call fails with.
    ///   - work: Is given the file system and n; tells whether it reported a failure.
    ///   - check: Looks at what is left.
    /// - Returns: How many calls the work makes.
    private func failEach(
        _ code: Int32,
        _ work: (FileSystem, Int) throws -> Bool,
        _ check: (Int) throws -> Void
    ) rethrows -> Int {
        var failing = 0
        while true {
            let calls = Mutex(0)
            let place = failing
            let files = FileSystem { _ in
                calls.withLock { count in
                    count += 1
                    return count - 1 == place ? code : 0
                }
            }
            let isReported = try work(files, place)
            if calls.withLock({ $0 }) <= place { return place }
            #expect(isReported, "call \(place)")
            try check(place)
            failing += 1
        }
    }

    private func run(_ change: (inout SampleRun) -> Void = { _ in }) -> RunDocument {
        var run = SampleRun()
        (run.uploads, run.rounds, run.warmup) = (2, 2, 0)
        change(&run)
        return run.document()
    }

    /// A run with every kind of file, but with one chart: each chart takes the same way.
    private func brief(seed: UInt64 = 42) -> RunDocument {
        var document = run { ($0.names, $0.seed) = (["x"], seed) }
        for index in document.rounds.indices { document.rounds[index].record.samples = [] }
        return document
    }

    /// Every format; pictures only in a test of their own, for drawing takes long.
    private static let texts = Set(RunExport.Format.allCases).subtracting([.png, .pdf])

    private func contents(of folder: TemporaryFolder, in part: String) throws -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        for name in try folder.names(in: part) where name != "charts" {
            contents[name] = try folder.bytes("\(part)/\(name)")
        }
        return contents
    }

    private func expectNothingTemporary(_ folder: TemporaryFolder, _ place: Int) throws {
        #expect(try folder.names().filter { $0.hasSuffix(".part") } == [], "call \(place)")
    }

    @Test func `a run that is written leaves earlier ones alone`() throws {
        let folder = try TemporaryFolder()
        let document = brief()
        func export(_ made: ResultsFolder) throws(ReportError) -> RunExport.Outcome {
            try RunExport(to: made, formats: Self.texts) { _ in nil }
                .write(document, rescue: "\(folder.path)/rescue")
        }
        _ = try export(ResultsFolder.make(named: "earlier", in: folder.path, files: .real))
        let earlier = try contents(of: folder, in: "earlier")
        let calls = try failEach(EACCES) { files, place in
            do throws(ReportError) {
                let made = try ResultsFolder.make(named: "new\(place)", in: folder.path, files: files)
                let outcome = try export(made)
                try made.becomeLatest()
                return !outcome.failures.isEmpty
            } catch {
                return true
            }
        } _: { place in
            try expectNothingTemporary(folder, place)
            guard try folder.names().contains("new\(place)") else { return }
            // What is there is whole; report.html names the files that are.
            for (name, bytes) in try contents(of: folder, in: "new\(place)") where name != "report.html" {
                #expect(bytes == earlier[name], "\(name)")
            }
        }
        #expect(calls > 5 * 10)
        #expect(try contents(of: folder, in: "earlier") == earlier)
    }

    @Test func `a report that is made again leaves each file old or new`() throws {
        let folder = try TemporaryFolder()
        let (old, new) = (brief(seed: 7), brief())
        func export(_ document: RunDocument, _ part: String, _ files: FileSystem) -> RunExport.Outcome {
            RunExport(to: ResultsFolder(at: "\(folder.path)/\(part)", files: files), formats: Self.texts) {
                _ in
                nil
            }.rewrite(document)
        }
        for name in ["old", "new"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder.path)/\(name)",
                withIntermediateDirectories: false
            )
        }
        _ = export(new, "new", .real)
        let after = try contents(of: folder, in: "new")
        let calls = try failEach(ENOSPC) { files, _ in
            _ = export(old, "old", .real)
            let failures = export(new, "old", files).failures
            for failure in failures {
                #expect(failure.message.hasSuffix(": no space left on device"))
                #expect(
                    failure.hint
                        == "run.json is safe; ingest-bench report \(folder.path)/old rebuilds the rest"
                )
            }
            #expect(failures.count <= 1, "one failing export doesn't stop the others")
            return !failures.isEmpty
        } _: { place in
            try expectNothingTemporary(folder, place)
            let stale = try contents(of: folder, in: "old").filter { name, bytes in
                name != "report.html" && bytes != after[name]
            }
            #expect(stale.count <= 1, "call \(place): \(stale.keys)")
        }
        #expect(calls > 4 * 10)
    }

    @Test func `pictures fail as texts do`() throws {
        let folder = try TemporaryFolder()
        let single = brief()
        let calls = try failEach(ENOSPC) { files, _ in
            let export = RunExport(to: ResultsFolder(at: folder.path, files: files), formats: [.png, .pdf]) {
                _ in nil
            }
            let failures = export.rewrite(single).failures
            for name in try folder.names() where name != "charts" {
                try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
            }
            return !failures.isEmpty
        } _: { place in
            try expectNothingTemporary(folder, place)
        }
        #expect(calls >= 3 * 5)
    }

    @Test func `a comparison leaves what is whole, and says what isn't`() throws {
        let folder = try TemporaryFolder()
        let comparison = try RunComparison(of: run(), with: run { $0.seed = 9 })
        let names: Set = ["compare.json", "compare.md", "charts/summary-1.svg", "charts/summary-2.svg"]
        let calls = try failEach(ENOSPC) { files, place in
            do throws(ReportError) {
                let made = try ResultsFolder.make(at: "\(folder.path)/out\(place)", files: files)
                let outcome = ComparisonExport(of: comparison, to: made)
                    .write(digests: (nil, nil), formats: [.svg])
                #expect(Set(outcome.written.names).isSubset(of: names))
                for failure in outcome.failures {
                    #expect(failure.message.hasSuffix(": no space left on device"))
                    #expect(failure.hint == "both runs are safe; compare them again with another --output")
                }
                return !outcome.failures.isEmpty
            } catch {
                return true
            }
        } _: { place in
            try expectNothingTemporary(folder, place)
        }
        #expect(calls > 4 * 5)
    }

    @Test func `what a run leaves while it lasts goes if it can't begin`() throws {
        let folder = try TemporaryFolder()
        var head = run()
        let records = head.rounds.map(\.record)
        head.rounds = []
        let calls = try failEach(ENOSPC) { files, place in
            let made = try ResultsFolder.make(at: "\(folder.path)/run\(place)", files: .real)
            let results = ResultsFolder(at: made.path, files: files)
            do throws(ReportError) {
                let spool = try SampleSpool(in: results, files: files)
                defer { spool.remove() }
                let part = try RunPart(of: head, in: results, spool: spool, files: files)
                defer { part.remove() }
                var isReported = false
                for record in records {
                    do throws(SampleStoreError) {
                        try spool.keep(
                            record.samples.enumerated().map { PlacedSample(sequence: $0, sample: $1) }
                        )
                    } catch {
                        #expect(error.message == "\(made.path): no space left")
                        isReported = true
                    }
                    _ = spool.endRound()
                    try part.note(record)
                }
                return isReported
            } catch {
                #expect(error == .file(path: made.path, code: ENOSPC))
                return true
            }
        } _: { place in
            try expectNothingTemporary(folder, place)
        }
        #expect(calls > 10)
    }

    /// A document that can be written nowhere used to be told as one failed file, and was lost.
    @Test func `a document that can be written nowhere is told so`() throws {
        let folder = try TemporaryFolder()
        let files = FileSystem { $0 == .write ? ENOSPC : 0 }
        let export = RunExport(to: ResultsFolder(at: folder.path, files: files), formats: []) { _ in nil }
        let error = #expect(throws: ReportError.self) {
            try export.write(run(), rescue: "\(folder.path)/rescue")
        }
        #expect(error == .savedNowhere(path: "\(folder.path)/run.json", code: ENOSPC))
        #expect(error?.message == "\(folder.path)/run.json: no space left on device")
        #expect(try folder.names() == ["rescue"])
    }

    @Test func `what stands where an export goes is replaced unless it is a folder`() throws {
        let folder = try TemporaryFolder()
        let document = run()
        let place = "\(folder.path)/summary.csv"
        func write() -> [ReportError] {
            RunExport(to: ResultsFolder(at: folder.path, files: .real), formats: [.csv]) { _ in nil }
                .rewrite(document).failures
        }
        #expect(write() == [])
        let summary = try folder.bytes("summary.csv")
        // A pipe has nothing to compare with, and would keep its reader waiting.
        unlink(place)
        mkfifo(place, 0o600)
        #expect(write() == [])
        #expect(try folder.bytes("summary.csv") == summary)
        // A link is replaced, and what it points at is left alone.
        let other = "\(folder.path)/other"
        try Data("mine".utf8).write(to: URL(filePath: other))
        unlink(place)
        symlink("other", place)
        #expect(write() == [])
        #expect(try folder.bytes("summary.csv") == summary)
        #expect(try folder.text("other") == "mine")
        unlink(place)
        mkdir(place, 0o700)
        #expect(write().map(\.message) == ["\(place): is a directory"])
    }
}
