import CCurl
import Glibc

/// Ends the wait of a ``MultiHandle`` from another thread.
///
/// The corresponding C function is `eventfd`.
package final class WakeUp: Sendable {
    let descriptor: Int32

    /// Makes a signal that is not set.
    ///
    /// - Throws: ``CurlError/system(call:number:)`` if too many files are open.
    package init() throws(CurlError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else { throw .system(call: "eventfd", number: errno) }
    }

    deinit { close(descriptor) }

    /// Wakes the waiting thread, or spares it its next wait.
    package func signal() {
        // Fails only when the counter is at its maximum, and then the thread wakes anyway.
        _ = eventfd_write(descriptor, 1)
    }

    /// Takes back all signals so far.
    func reset() {
        var count: eventfd_t = 0
        // Fails only when there was no signal.
        _ = eventfd_read(descriptor, &count)
    }
}
