import CLoopProbe
import NIOCore

/// A loop that is watched by heartbeat.
struct PingedLoop: Sendable {
    /// The loop.
    let loop: any EventLoop
    /// Differs for every thread there ever was.
    let generation: UInt64
    /// The probe's place of its thread, by which stacks are taken; nil where the platform has none.
    let slot: Int32?
    /// The thread's name.
    let thread: String
    /// The thread's number in the kernel, 0 if unknown.
    let threadID: Int

    /// Takes a loop; runs on its thread.
    ///
    /// - Parameter loop: The loop.
    init(onThreadOf loop: any EventLoop) {
        let slot = lp_register_for_heartbeat()
        var state = lp_slot_state()
        guard slot >= 0, lp_slot(slot, &state) else {
            // Two scopes over one loop must see the same thread; no slot has a number of this size.
            let address = UInt(bitPattern: ObjectIdentifier(loop))
            self.init(
                loop,
                generation: UInt64(address) | 1 << 63,
                slot: nil,
                thread: "event loop",
                threadID: 0
            )
            return
        }
        self.init(
            loop,
            generation: state.generation,
            slot: slot,
            thread: RawInterval.text(of: state.name),
            threadID: Int(state.thread_id)
        )
    }

    private init(_ loop: any EventLoop, generation: UInt64, slot: Int32?, thread: String, threadID: Int) {
        self.loop = loop
        self.generation = generation
        self.slot = slot
        self.thread = thread
        self.threadID = threadID
    }

    /// Whether its thread is still the one that was registered; true where that can't be told.
    var isAlive: Bool {
        guard let slot else { return true }
        var state = lp_slot_state()
        return lp_slot(slot, &state) && state.generation == generation
    }
}
