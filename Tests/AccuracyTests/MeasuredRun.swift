import BenchReport
import Foundation
import Measurements

/// One run of the program against the playing server: what it said, and what was true.
struct MeasuredRun {
    /// What the program wrote.
    let document: RunDocument
    /// What the server saw, all attempts and rounds.
    let uploads: [PlayingServer.Upload]
    /// What the program printed.
    let report: String

    /// Runs the program.
    ///
    /// - Parameters:
    ///   - script: What the server plays.
    ///   - fileSize: Bytes of the file that is uploaded.
    ///   - paths: The server's paths, each a target named for it and its place.
    ///   - requests: Uploads of a round; nil leaves them to the flags.
    ///   - flags: How the program is to measure.
    ///   - folder: Where everything goes.
    /// - Throws: ``AccuracyError``.
    init(
        script: [String],
        fileSize: Int = 1000,
        paths: [String] = ["upload"],
        requests: Int? = nil,
        flags: [String],
        in folder: URL
    ) async throws {
        let file = folder.appending(path: "upload.bin")
        try Data((0..<fileSize).map { UInt8(truncatingIfNeeded: $0 &* 31) }).write(to: file)
        let server = try await PlayingServer(script, in: folder)
        var arguments = ["run", file.path()]
        if let requests { arguments.append("\(requests)") }
        for (place, path) in paths.enumerated() {
            arguments += ["--target", "\(path)\(place)=\(server.url(path))"]
        }
        let results = folder.appending(path: "results")
        arguments += flags + ["--quiet", "--format", "json", "--output", results.path()]
        let output = folder.appending(path: "report")
        let status = try await ChildProcess("ingest-bench", arguments, output: output).ending()
        report = try String(contentsOf: output, encoding: .utf8)
        uploads = try await server.stop()
        let json = results.appending(path: "run.json")
        guard status == 0 || status == 1, FileManager.default.fileExists(atPath: json.path()) else {
            throw AccuracyError.programFailed(status: status, output: report)
        }
        document = try RunDocument(json: Array(try Data(contentsOf: json)))
    }

    /// The last round of the document: the program repeats a block that the machine disturbed.
    var round: RunDocument.Round? { document.rounds.last }

    /// What the server saw of that round.
    var lastUploads: [PlayingServer.Upload] { uploads.filter { $0.round == uploads.last?.round } }
}

extension [Nanoseconds] {
    /// A percentile of true times by nearest rank, in milliseconds.
    ///
    /// - Parameter percent: Which one, such as 99.9.
    /// - Returns: A time that occurred.
    func percentile(_ percent: Double) -> Double {
        let rank = Swift.max(1, Int((percent / 100 * Double(count)).rounded(.up)))
        return Double(sorted()[rank - 1]) / 1e6
    }
}
