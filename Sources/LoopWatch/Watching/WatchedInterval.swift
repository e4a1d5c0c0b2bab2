import CLoopProbe

/// What the watchdog has seen of a busy interval that goes on, or that has ended and was not told yet.
struct WatchedInterval {
    /// The probe's place of the thread; nil for one that can't be looked at.
    let slot: Int32?
    private(set) var before = lp_accounts()
    private(set) var beforeTime: UInt64 = 0
    private(set) var samples: [RawInterval.Sample] = []
    /// When the next stack is due, on the monotonic clock.
    private(set) var nextSample: UInt64
    /// Why it has no stack, if it has none.
    private(set) var note: String?
    /// From one sample to the next.
    private var step: UInt64

    /// Reads the accounts of a thread that was found busy.
    ///
    /// - Parameters:
    ///   - slot: The probe's place of the thread.
    ///   - start: Since when it is busy.
    ///   - threshold: How long it may be.
    init(slot: Int32?, since start: UInt64, threshold: UInt64) {
        self.slot = slot
        step = threshold
        nextSample = slot == nil ? .max : start &+ threshold
        if let slot, lp_accounts_of(slot, &before) { beforeTime = lp_now() }
    }

    /// Adds a stack; of a full series every second one is dropped, and the step doubles.
    ///
    /// - Parameters:
    ///   - sample: The stack.
    ///   - most: How many are kept.
    mutating func add(_ sample: RawInterval.Sample, most: Int) {
        samples.append(sample)
        guard samples.count >= most else { return }
        samples = samples.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
        step *= 2
    }

    /// Notes why there is no stack.
    ///
    /// - Parameter reason: The reason.
    mutating func lacksStack(because reason: String) { note = reason }

    /// Asks for the next stack a step later.
    ///
    /// - Parameter time: Now.
    mutating func postpone(from time: UInt64) { nextSample = time &+ step }

    /// Asks for no more stacks: nobody wants them.
    mutating func giveUp() { nextSample = .max }
}
