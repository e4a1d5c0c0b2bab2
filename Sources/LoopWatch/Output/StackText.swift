/// Writes one stack, a frame a line.
package struct StackText {
    private static let leastNameWidth = 24
    private static let mostNameWidth = 72
    private static let mostModules = 4

    private let frames: [StackFrame]
    private let foldsForeign: Bool

    /// Prepares a stack.
    ///
    /// - Parameters:
    ///   - frames: The frames, innermost first.
    ///   - foldsForeign: Whether frames of dependencies and the toolchain are counted instead of shown.
    package init(_ frames: [StackFrame], foldsForeign: Bool) {
        self.frames = frames
        self.foldsForeign = foldsForeign
    }

    private enum Row {
        case frame(Int)
        case fold(Range<Int>)
    }

    /// The lines, without indentation.
    package var lines: [String] {
        let rows = rows
        let indices = rows.compactMap { row in
            if case .frame(let index) = row { index } else { nil }
        }
        let indexWidth = String(indices.last ?? 0).count
        let shown = indices.map { frames[$0] }
        let widths = shown.filter { $0.linePlace != nil }.map(\.fullName.count)
        let width = min(max(Self.leastNameWidth, widths.max() ?? 0), Self.mostNameWidth)
        return rows.map { row in
            switch row {
            case .frame(let index): line(index, indexWidth: indexWidth, nameWidth: width)
            case .fold(let range): fold(range, indexWidth: indexWidth)
            }
        }
    }

    private var rows: [Row] {
        guard foldsForeign else { return frames.indices.map { .frame($0) } }
        let blame = Blame(frames).frame.flatMap { frames.firstIndex(of: $0) }
        var rows: [Row] = []
        var run: Range<Int>?
        for index in frames.indices {
            let isCallee = blame.map { index == $0 - 1 } ?? (index == 0)
            if frames[index].isUserCode || isCallee || index == 0 {
                rows += folded(run)
                run = nil
                rows.append(.frame(index))
            } else {
                run = (run?.lowerBound ?? index)..<(index + 1)
            }
        }
        return rows + folded(run)
    }

    /// A single frame takes no more room than its count.
    private func folded(_ run: Range<Int>?) -> [Row] {
        guard let run else { return [] }
        return run.count == 1 ? [.frame(run.lowerBound)] : [.fold(run)]
    }

    private func line(_ index: Int, indexWidth: Int, nameWidth: Int) -> String {
        let frame = frames[index]
        let start = "\(String(index).padded(before: indexWidth)) \(Self.mark(frame.kind)) "
        guard let place = frame.linePlace else { return start + frame.fullName }
        return "\(start)\(frame.fullName.padded(after: nameWidth))  \(place)"
    }

    private func fold(_ range: Range<Int>, indexWidth: Int) -> String {
        let areAsync = frames[range].allSatisfy { $0.kind == .asyncCaller }
        let names = Set(frames[range].compactMap { $0.swiftModule ?? $0.module }).sorted()
        var text = names.prefix(Self.mostModules).joined(separator: ", ")
        if names.count > Self.mostModules { text += " and \(names.count - Self.mostModules) more" }
        let mark = areAsync ? Self.mark(.asyncCaller) : " "
        let count = "\("".padded(after: indexWidth)) \(mark) \(range.count) frames"
        return text.isEmpty ? count : "\(count) of \(text)"
    }

    private static func mark(_ kind: StackFrame.Kind) -> String {
        switch kind {
        case .call: " "
        case .asyncCaller: "~"
        case .inlined: "="
        }
    }
}

extension String {
    /// The text with spaces after it, to a width.
    func padded(after width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }

    /// The text with spaces before it, to a width.
    func padded(before width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}
