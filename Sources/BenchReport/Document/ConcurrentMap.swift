import Dispatch
import Synchronization

extension Array where Element: Sendable {
    /// Works on all elements side by side, a thread a core.
    ///
    /// - Parameter work: What to do with an element.
    /// - Returns: What became of each, in their order.
    /// - Throws: The error of the first element that failed.
    func concurrentMap<Result: Sendable, Fault: Error>(
        _ work: @Sendable (Element) throws(Fault) -> Result
    ) throws(Fault) -> [Result] {
        let done = Mutex<[Int: Swift.Result<Result, Fault>]>([:])
        DispatchQueue.concurrentPerform(iterations: count) { index in
            let result = Swift.Result { () throws(Fault) in try work(self[index]) }
            done.withLock { $0[index] = result }
        }
        let results = done.withLock { $0 }
        var mapped: [Result] = []
        for index in indices {
            if let result = results[index] { mapped.append(try result.get()) }
        }
        return mapped
    }
}
