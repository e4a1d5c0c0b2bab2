import Foundation
import Synchronization

/// What a thread does while its stacks are taken: code of Swift, of C, of the runtime and of the kernel.
enum SoakWork: String, CaseIterable, Sendable {
    case json, sort, regex, errors, memory, recursion, sleep

    /// Does a little of it.
    func run() {
        switch self {
        case .json: encodeAndDecode()
        case .sort: sortTexts()
        case .regex: match()
        case .errors: for number in 0..<100 { catchError(number) }
        case .memory: allocate()
        case .recursion: _ = fibonacci(18)
        case .sleep: usleep(200)
        }
    }

    private func encodeAndDecode() {
        let value = Dictionary(uniqueKeysWithValues: (0..<50).map { ("key \($0)", [$0, $0 * $0]) })
        // It can't fail, and if it did, other stacks would be taken.
        if let data = try? JSONEncoder().encode(value) {
            _ = try? JSONDecoder().decode([String: [Int]].self, from: data)
        }
    }

    private func sortTexts() {
        var texts = (0..<500).map { "\(($0 * 7919) % 503)" }
        texts.sort()
        var numbers = (0..<500).map { Int32(($0 * 7919) % 503) }
        qsort(&numbers, numbers.count, MemoryLayout<Int32>.size) { first, second in
            guard let first, let second else { return 0 }
            return first.load(as: Int32.self) - second.load(as: Int32.self)
        }
    }

    private func match() {
        _ = "the 1 quick 22 brown 333 fox".matches(of: /\d+\s(\w+)/).map(\.1)
    }

    private struct Failure: Error { let number: Int }

    @inline(never)
    private func fail(_ number: Int) throws { if number.isMultiple(of: 2) { throw Failure(number: number) } }

    private func catchError(_ number: Int) {
        // The throwing is what is wanted.
        try? fail(number)
    }

    private func allocate() {
        for size in [16, 1000, 70_000, 2_000_000] {
            let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
            memset(memory, 1, size)
            memory.deallocate()
        }
    }

    @inline(never)
    private func fibonacci(_ number: Int) -> Int {
        number < 2 ? number : fibonacci(number - 1) + fibonacci(number - 2)
    }
}

/// The threads that are soaked, and whether they may end.
final class SoakState: Sendable {
    private struct Known {
        var slots: [Int32] = []
        var isOver = false
    }

    private let known = Mutex(Known())

    /// The threads' slots.
    var slots: [Int32] { known.withLock { $0.slots } }

    /// Whether the threads may end.
    var isOver: Bool { known.withLock { $0.isOver } }

    /// Notes a thread.
    ///
    /// - Parameter slot: Its slot.
    func add(_ slot: Int32) { known.withLock { $0.slots.append(slot) } }

    /// Lets the threads end.
    func end() { known.withLock { $0.isOver = true } }
}
