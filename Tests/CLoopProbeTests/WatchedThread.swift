import CLoopProbe
import Foundation
import Synchronization

/// A thread that the probe watches, made and ended by a test.
///
/// The corresponding C functions are `pthread_create` and `pthread_join`.
final class WatchedThread: Sendable {
    private final class State: Sendable {
        let body: @Sendable () -> Void
        let slot = Mutex<Int32>(-1)
        let isFinished = Atomic(false)
        let isRegistered = DispatchSemaphore(value: 0)
        let isOver = DispatchSemaphore(value: 0)

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// The thread's handle, for signals of the test.
    let handle: pthread_t
    private let state: State

    /// The thread's place in the probe's table.
    var slot: Int32 { state.slot.withLock { $0 } }

    /// Whether the body has returned.
    var isFinished: Bool { state.isFinished.load(ordering: .sequentiallyConsistent) }

    /// Starts the thread and returns when it is registered and busy.
    ///
    /// - Parameters:
    ///   - kind: What it is registered as.
    ///   - name: The name it is registered under.
    ///   - body: What it does then, in its first busy interval.
    init(kind: lp_kind = LP_JOB, name: String = "test", _ body: @escaping @Sendable () -> Void) {
        let state = State {
            body()
        }
        self.state = state
        let registered = State {
            let slot = lp_register(UInt8(kind.rawValue), name)
            state.slot.withLock { $0 = slot }
            lp_begin()
            state.isRegistered.signal()
            state.body()
            lp_end()
            lp_unregister()
            state.isFinished.store(true, ordering: .sequentiallyConsistent)
            state.isOver.signal()
        }
        var handle = pthread_t()
        let failure = pthread_create(
            &handle,
            nil,
            { context in
                guard let context else { return nil }
                Unmanaged<State>.fromOpaque(context).takeRetainedValue().body()
                return nil
            },
            Unmanaged.passRetained(registered).toOpaque()
        )
        precondition(failure == 0, "the test needs a thread")
        self.handle = handle
        state.isRegistered.wait()
    }

    /// Waits until the body has returned.
    func join() { pthread_join(handle, nil) }

    /// Waits until the body has returned, but not for ever; a thread that is stuck is left behind.
    ///
    /// - Returns: Whether it has.
    func joinInTime() -> Bool {
        guard state.isOver.wait(timeout: .now() + .seconds(20)) == .success else { return false }
        join()
        return true
    }
}

/// Takes the probe's intervals of one name and throws the others away.
///
/// - Parameter name: The name its thread was registered under.
/// - Returns: The intervals, oldest first.
func keptIntervals(named name: String) -> [lp_interval] {
    var intervals: [lp_interval] = []
    var interval = lp_interval()
    while lp_next_interval(&interval) {
        if text(of: interval.name) == name { intervals.append(interval) }
    }
    return intervals
}

/// A C array of characters as text.
///
/// - Parameter characters: The array, which Swift imports as a tuple.
/// - Returns: The text up to the first zero.
func text<Characters>(of characters: Characters) -> String {
    withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}

/// The addresses of a captured stack, innermost first.
///
/// - Parameter stack: The stack as C gave it.
/// - Returns: As many addresses as it has frames.
func addresses(of stack: lp_stack) -> [UInt64] {
    withUnsafeBytes(of: stack.addresses) { Array($0.bindMemory(to: UInt64.self).prefix(Int(stack.count))) }
}

/// The names that the dynamic linker knows for a stack's addresses.
///
/// - Parameter stack: The stack as C gave it.
/// - Returns: One name a frame; "?" for functions that aren't exported.
func names(of stack: lp_stack) -> [String] {
    addresses(of: stack).map { DynamicSymbol.name(of: $0 - 1) }
}
