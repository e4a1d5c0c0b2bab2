import Foundation

/// Prints how often the report's own statistics call equal targets different, and find one that is faster.
@main
enum StatisticsBench {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count <= 1, let runs = Int(arguments.first ?? "200"), runs > 0 else {
            FileHandle.standardError.write(Data("usage: statistics-bench [RUNS]\n".utf8))
            exit(64)
        }
        Simulation(runs: runs).print()
    }
}
