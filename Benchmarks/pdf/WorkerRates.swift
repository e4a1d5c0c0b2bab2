import Foundation
import IngestServer
import MuPDF
import NIOCore

/// Documents a second of one and of two workers, as threads and as processes, and what a document costs.
struct WorkerRates {
    private static let rounds = 7
    private static let documents = 60

    /// What one round of a pool came to.
    private struct Figure {
        var perSecond: Double
        /// Processor time of a document in this process and in the workers', in milliseconds.
        var own: Double
        var workers: Double
        var cpu: Double { own + workers }
    }

    /// The document that is read again and again.
    let file: [UInt8]
    /// The program whose processes read it.
    let program: String

    /// Prints the figures, in interleaved rounds.
    ///
    /// - Parameter goals: Gets the verdicts.
    /// - Throws: What reading the document throws.
    func report(_ goals: inout Goals) async throws {
        let names = ["1 thread", "2 threads", "1 process", "2 processes"]
        let pools = [pool(1), pool(2), pool(1, inProcesses: true), pool(2, inProcesses: true)]
        var rounds: [[Figure]] = []
        var ceilings: [Double] = []
        for pool in pools { _ = try await measure(pool, documents: 8) }
        for _ in 0..<Self.rounds {
            var round: [Figure] = []
            for pool in pools { round.append(try await measure(pool, documents: Self.documents)) }
            rounds.append(round)
            ceilings.append(await computing(2) / computing(1))
        }
        for pool in pools { await pool.stop() }
        for (index, name) in names.enumerated() {
            let round = rounds.map { $0[index] }.sorted { $0.perSecond < $1.perSecond }[Self.rounds / 2]
            print(
                "  \(name): \(round.perSecond.rounded(1)) documents/s, "
                    + "\(round.own.rounded(2)) + \(round.workers.rounded(2)) ms of CPU each (here + there)"
            )
        }
        let ceiling = ceilings.sorted()[Self.rounds / 2]
        print("  two threads that only compute, of one: \(ceiling.rounded(2)), which is all there is to have")
        goals.judge("two threads, of one", rounds.map { $0[1].perSecond / $0[0].perSecond }, "x", goal: 1.9)
        goals.judge("two processes, of one", rounds.map { $0[3].perSecond / $0[2].perSecond }, "x", goal: 1.8)
        goals.judge(
            "CPU of a document with two threads, of one",
            rounds.map { $0[1].cpu / $0[0].cpu },
            "x",
            goal: 1.05,
            isMost: true
        )
        goals.judge(
            "CPU of a document with isolation, of without",
            rounds.map { $0[2].cpu / $0[0].cpu },
            "x",
            goal: 1.06,
            isMost: true
        )
    }

    private func pool(_ count: Int, inProcesses: Bool = false) -> PDFWorkers {
        PDFWorkers(
            count: count,
            extractor: PDFExtractor(png: .fast),
            program: inProcesses
                ? PDFWorkerProgram(path: program, arguments: [PDFWorkerProcess.argument]) : nil,
            limit: nil,
            documentsPerProcess: .max
        )
    }

    private func measure(_ pool: PDFWorkers, documents: Int) async throws -> Figure {
        let file = ByteBuffer(bytes: file)
        let atOnce = 4
        let before = (ProcessorTime.own, ProcessorTime.of(pool.processes))
        let clock = ContinuousClock()
        let start = clock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<atOnce {
                group.addTask {
                    for _ in 0..<documents / atOnce {
                        let timer = StageTimer(zero: 0) { NIODeadline.now().uptimeNanoseconds }
                        _ = try await pool.extract(file, timer: timer)
                    }
                }
            }
            try await group.waitForAll()
        }
        let seconds = (clock.now - start) / .seconds(1)
        let count = Double(documents / atOnce * atOnce)
        return Figure(
            perSecond: count / seconds,
            own: (ProcessorTime.own - before.0) * 1000 / count,
            workers: (ProcessorTime.of(pool.processes) - before.1) * 1000 / count
        )
    }

    /// How much threads get done that share nothing: the most that workers could.
    private func computing(_ threads: Int) async -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        await withTaskGroup(of: UInt64.self) { group in
            for thread in 0..<threads {
                group.addTask {
                    (0..<200_000_000 as Range<UInt64>).reduce(UInt64(thread)) { $0 &* 31 &+ ($1 ^ $0 >> 7) }
                }
            }
            // Used, or the compiler would leave the computing out.
            for await result in group where result == 1 { print("") }
        }
        return Double(threads) / ((clock.now - start) / .seconds(1))
    }
}

/// Processor time that the kernel has counted, in seconds.
enum ProcessorTime {
    /// Of this process.
    static var own: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Of other processes, all their threads.
    ///
    /// - Parameter processes: Their numbers.
    /// - Returns: The sum.
    static func of(_ processes: Set<Int32>) -> Double {
        processes.reduce(0) { sum, process in
            let folder = "/proc/\(process)/task"
            // A thread may end meanwhile; the workers' live as long as they do.
            let threads = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return threads.reduce(sum) { sum, thread in
                let figures = try? String(contentsOfFile: "\(folder)/\(thread)/schedstat", encoding: .utf8)
                return sum + (figures?.split(separator: " ").first.flatMap { Double($0) } ?? 0) / 1e9
            }
        }
    }
}
