import CLoopProbe

/// Takes stacks of busy threads, no more of them than the machine can spare.
struct StackTaker {
    /// What came of it.
    enum Outcome {
        /// A stack, of one busy interval of one thread.
        case sample(RawInterval.Sample, generation: UInt64, sequence: UInt64)
        /// None; the value says why.
        case nothing(because: String)
    }

    /// A thread that does not answer in this time may be waiting for a processor.
    private static let patience: UInt64 = 100_000_000

    private var budget = CaptureBudget(perSecond: 200)
    private var capture = lp_capture_result()

    /// Grants another number of stacks a second from now on.
    ///
    /// - Parameter perSecond: How many.
    mutating func allow(perSecond: Int) {
        if perSecond != budget.perSecond { budget = CaptureBudget(perSecond: perSecond) }
    }

    /// Takes one stack.
    ///
    /// - Parameters:
    ///   - slot: The probe's place of the thread.
    ///   - time: Now.
    /// - Returns: The stack, or why there is none.
    mutating func take(of slot: Int32, at time: UInt64) -> Outcome {
        guard budget.mayCapture(at: time) else {
            return .nothing(because: "no stack: more than \(budget.perSecond) a second were asked for")
        }
        let result = lp_capture(slot, StackTaker.patience, &capture)
        guard result >= 0 else {
            return .nothing(
                because: result == LP_TIMED_OUT.rawValue
                    ? "no stack: the thread did not answer within 100 ms"
                    : "no stack: stacks can't be taken here"
            )
        }
        let count = Int(capture.stack.count)
        let sample = RawInterval.Sample(
            taken: capture.taken_ns,
            accounts: capture.accounts,
            addresses: Self.prefix(count, of: capture.stack.addresses),
            kinds: Self.prefix(count, of: capture.stack.kinds)
        )
        return .sample(sample, generation: capture.generation, sequence: capture.sequence)
    }

    private static func prefix<Array, Element>(_ count: Int, of array: Array) -> [Element] {
        withUnsafeBytes(of: array) { Swift.Array($0.bindMemory(to: Element.self).prefix(count)) }
    }
}

/// How many stacks may be taken: a busy machine must not be made busier.
struct CaptureBudget {
    let perSecond: Int
    private var left: Double
    private var last: UInt64 = 0

    /// Makes a full budget.
    ///
    /// - Parameter perSecond: How many are granted in a second on average, and at once at the most.
    init(perSecond: Int) {
        self.perSecond = perSecond
        left = Double(perSecond)
    }

    /// Takes one, if there is one.
    ///
    /// - Parameter time: Now, in nanoseconds; it never goes back.
    /// - Returns: Whether there was one.
    mutating func mayCapture(at time: UInt64) -> Bool {
        if last > 0, time > last {
            left = min(Double(perSecond), left + Double(time - last) / 1e9 * Double(perSecond))
        }
        last = time
        guard left >= 1 else { return false }
        left -= 1
        return true
    }
}
