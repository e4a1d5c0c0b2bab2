import Foundation
import LoopWatch
import Synchronization

/// Whether each way to block is named rightly in each place: function, line, call and callers.
///
/// Of a release build it says what is left after the optimizer; of a debug build, that nothing is missing.
@MainActor
struct Naming {
    /// Long enough for any machine to tell of a block that has ended.
    private static let patience = Duration.seconds(10)

    /// Measures.
    ///
    /// - Parameter report: Where the findings go.
    /// - Throws: What went wrong before there was one.
    func run(_ report: inout Report) async throws {
        let obstacle = try Obstacle()
        let services = try await BlockedServices()
        var configuration = BlockDetector.Configuration()
        configuration.sampled = { _ in obstacle.gate.stackWasTaken() }
        let detector = try await BlockDetector.start(configuration)
        for place in BlockPlace.allCases {
            Report.say(" \(place.rawValue)")
            for blocker in Blocker.allCases {
                let since = detector.snapshot().next
                obstacle.rise()
                try await services.block(place, by: blocker, obstacle)
                obstacle.fall()
                let blocks = await found(since, of: place, by: detector)
                let judgement = Judgement(blocks, of: blocker, in: place, lines: obstacle.callLines)
                report.figure(
                    blocker.rawValue,
                    judgement.text,
                    goal: "named",
                    isMet: judgement.faults.isEmpty
                )
                for fault in judgement.faults { Report.say("    \(fault)") }
            }
        }
        _ = await detector.stop()
        try await services.stop()
    }

    /// The blocks of the place's kind: the detector may not have been told of the last interval's end yet.
    private func found(
        _ since: Int,
        of place: BlockPlace,
        by detector: BlockDetector
    ) async -> [LoopBlock] {
        let clock = ContinuousClock()
        let limit = clock.now + Self.patience
        while true {
            await detector.settle()
            let blocks = detector.snapshot(since: since).blocks.filter { $0.kind == place.kind }
            if !blocks.isEmpty || clock.now > limit { return blocks }
            await Task.yield()
        }
    }
}

/// What is wrong with the blocks that one blocker made.
struct Judgement {
    /// What was found, in a line.
    let text: String
    /// What should be otherwise.
    private(set) var faults: [String] = []

    /// Judges.
    ///
    /// - Parameters:
    ///   - blocks: What was found.
    ///   - blocker: Who blocked.
    ///   - place: Where.
    ///   - lines: The lines on which the blocker calls what blocks it.
    init(_ blocks: [LoopBlock], of blocker: Blocker, in place: BlockPlace, lines: ClosedRange<Int>) {
        // A sample just before or behind the wait makes a part of its own, with the same function to blame.
        let longest = blocks.max { $0.duration < $1.duration }
        let frames = longest?.samples.first?.frames ?? []
        guard let longest, let blame = longest.blame, !frames.isEmpty else {
            text = "\(blocks.count) blocks, none with a stack and a function to blame"
            faults = ["nothing was named"]
            return
        }
        let callee = longest.callee?.plainName
        text = "\(blame.place) \(blame.plainName) → \(callee ?? "itself"), \(blocks.count) blocks"
        let users = frames.filter { $0.isUserCode && $0.kind != .asyncCaller }
        let expected = blocker.functions + place.callers
        if !Self.holds(users.map(\.plainName), inOrder: expected) {
            faults.append("the stack should hold \(expected): \(users.map(\.plainName))")
        }
        if blocker != .muPDF, let first = expected.first, !Self.isNamed(blame.plainName, first) {
            faults.append("\(first) is to blame")
        }
        let isInProject = blocker == .muPDF && blame.file?.contains("MuPDF/") == true
        if blocker == .muPDF, !isInProject { faults.append("the wrapper of MuPDF is to blame") }
        let isCallee = blocker.callees?.contains { callee == $0 || callee == "\($0)Slow" } ?? true
        if let callees = blocker.callees, !isCallee {
            faults.append("it calls one of \(callees)")
        }
        if blocker == .libcurl, blame.file?.hasSuffix("EasyHandle.swift") != true {
            faults.append("the line is in \(blame.place)")
        }
        let own = users.first { Self.isNamed($0.plainName, blocker.function) }
        if let line = own?.line, !lines.contains(line) || own?.file?.hasSuffix("Blocker.swift") != true {
            faults.append("\(blocker.function) blocks on line \(lines), not on \(own?.place ?? "none")")
        }
        let callers = frames.filter { $0.kind == .asyncCaller }.map(\.plainName)
        if !Self.holds(callers, inOrder: place.asyncCallers) {
            faults.append("async callers should be \(place.asyncCallers): \(callers)")
        }
        // A sample that came after the work shows none of it; it is told as late. A job goes on for a moment after
        // the work, and a sample may come just then: that part is blamed only if it is a block by itself.
        let blamed = blocks.filter { !$0.samples.allSatisfy(\.isLate) && $0.duration >= $0.threshold }
        let others = blamed.filter { block in
            !block.samples.contains { $0.frames.contains { Self.isNamed($0.plainName, blocker.function) } }
        }
        if !others.isEmpty {
            faults.append("also blamed: \(others.map { $0.blame?.plainName ?? "nobody" })")
        }
    }

    /// Whether names come in the order wanted, whatever stands between them.
    private static func holds(_ names: [String], inOrder wanted: [String]) -> Bool {
        var rest = wanted[...]
        for name in names {
            guard let next = rest.first else { return true }
            if isNamed(name, next) { rest = rest.dropFirst() }
        }
        return rest.isEmpty
    }

    private static func isNamed(_ name: String, _ wanted: String) -> Bool {
        name == wanted || name.hasSuffix(".\(wanted)")
    }
}

extension StackFrame {
    /// The function without its types and labels, and without the file it is private in.
    fileprivate var plainName: String {
        guard let function else { return "?" }
        return String(function.prefix { $0 != "(" && $0 != " " && $0 != "<" })
    }

    /// File and line, as short as they are clear.
    fileprivate var place: String {
        "\(file?.split(separator: "/").last.map(String.init) ?? "?"):\(line ?? 0)"
    }
}
