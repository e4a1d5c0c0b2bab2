import BenchReport
import Foundation
import Glibc

/// Reads changed runs, one after the other, until its time is over; a trap, a signal or a status of 1 is a finding.
///
/// Its arguments are the folder to work in, the first case and for how many seconds. The case that is read is kept
/// in `case/` of that folder, its number in `number`.
@main
struct FuzzRun {
    /// The longest that one case may take, in seconds.
    private static let longest: UInt32 = 20

    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let first = UInt64(arguments[2]), let seconds = Double(arguments[3])
        else {
            say("usage: fuzz-run FOLDER FIRST SECONDS")
            exit(64)
        }
        let folder = URL(filePath: arguments[1])
        let (kept, work) = (folder.appending(path: "case"), folder.appending(path: "work"))
        try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
        let seeds = try FuzzSeeds()
        let run = FuzzedRun(in: work.path(), other: seeds.sound)
        let end = ContinuousClock.now + .seconds(seconds)
        var (number, taken) = (first, 0)
        while ContinuousClock.now < end {
            // A case that hangs ends the process.
            alarm(longest)
            do {
                let isTaken = try seeds.run(number, with: run) { files in
                    try? FileManager.default.removeItem(at: kept)
                    try FileManager.default.createDirectory(at: kept, withIntermediateDirectories: false)
                    for file in files { try Data(file.bytes).write(to: kept.appending(path: file.name)) }
                    try Data("\(number)\n".utf8).write(to: folder.appending(path: "number"))
                }
                if isTaken { taken += 1 }
            } catch let finding as FuzzedRun.Finding {
                say(finding.text)
                exit(1)
            }
            number += 1
        }
        print("\(number - first) cases, \(taken) of them taken for runs")
    }

    private static func say(_ text: String) {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
    }
}
