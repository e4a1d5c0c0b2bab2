import ArgumentParser
import BenchReport
import Glibc
import LoadGenerator
import Measurements

/// The flags that say where results go and in which form.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp(
            "Results folder (default: results/<UTC stamp>-<file>-<requests>, with results/latest pointing at it).",
            valueName: "folder"
        )
    )
    var output: String?

    @Option(
        help: ArgumentHelp(
            "Files to write besides run.json: csv, png, svg, pdf, md, html, bench (bench.txt, hyperfine.json), hgrm (also run.hlog), openmetrics, junit, or all.",
            valueName: "list"
        )
    )
    var format = "json,csv,png,svg,md"

    @Option(help: "Colour: auto, always or never.")
    var color: TerminalStyle.Color = .auto

    /// Which files to write.
    ///
    /// - Returns: The formats.
    /// - Throws: ``UsageError`` for one that is unknown.
    func formats() throws -> Set<RunExport.Format> {
        var formats: Set<RunExport.Format> = []
        for name in format.split(separator: ",", omittingEmptySubsequences: false) {
            if name == "all" {
                formats.formUnion(RunExport.Format.allCases)
            } else if let format = RunExport.Format(rawValue: String(name)) {
                formats.insert(format)
            } else {
                let known = RunExport.Format.allCases.map(\.rawValue).joined(separator: ", ")
                throw UsageError(
                    message: "--format \(name): no such format",
                    hint: "known are \(known), and all"
                )
            }
        }
        return formats
    }

    /// How the report is set on standard output.
    ///
    /// - Parameter environment: The variables of the process.
    /// - Returns: The style.
    func style(_ environment: [String: String]) -> TerminalStyle {
        .ofStandardOutput(environment, color: color)
    }
}

extension TerminalStyle {
    /// How text is set on standard output.
    ///
    /// - Parameters:
    ///   - environment: The variables of the process.
    ///   - color: When colour is used.
    /// - Returns: The style.
    static func ofStandardOutput(_ environment: [String: String], color: Color) -> TerminalStyle {
        var size = winsize()
        let isTerminal = isatty(STDOUT_FILENO) == 1
        let hasSize = isTerminal && ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        return TerminalStyle(
            environment: environment,
            isTerminal: isTerminal,
            columns: hasSize ? Int(size.ws_col) : nil,
            color: color
        )
    }
}

extension TerminalStyle.Color: ExpressibleByArgument {}

extension RunExport.Outcome {
    /// The report for people.
    ///
    /// - Parameter style: How it is set.
    /// - Returns: The report, which ends with a newline.
    func text(style: TerminalStyle) -> String {
        TextReport(of: document, style: style, checks: checks, written: written).text
    }
}
