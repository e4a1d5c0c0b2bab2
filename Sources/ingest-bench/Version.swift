import BenchReport
import Foundation
import IngestServer

/// Which program this is.
enum Version {
    /// The version by semantic versioning: flags, exit statuses, `run.json` and the exports are the interface.
    static let text = ProgramVersion.text

    /// The program and its libraries, as a run records them.
    ///
    /// The wrapper script names the commit; a binary on its own doesn't know it.
    ///
    /// - Parameters:
    ///   - curl: The version of libcurl.
    ///   - environment: The variables of the process.
    /// - Returns: What `run.json` says about the tool.
    static func tool(curl: String, environment: [String: String]) -> RunDocument.Tool {
        RunDocument.Tool(
            version: text,
            commit: environment["INGEST_BENCH_COMMIT"].flatMap { $0.isEmpty ? nil : $0 },
            build: build,
            swift: swift,
            curl: curl,
            cairo: ChartSet.cairoVersion,
            mupdf: IngestProcess.mupdfVersion
        )
    }

    private static var build: String {
        #if DEBUG
        "debug"
        #else
        "release"
        #endif
    }

    private static var swift: String {
        #if compiler(>=6.4)
        "6.4 or newer"
        #else
        "6.3"
        #endif
    }
}
