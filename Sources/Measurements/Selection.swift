extension Percentile {
    /// Its value among samples in any order, which it rearranges without sorting them all.
    ///
    /// Hoare, "Algorithm 65: find", 1961, about the median of three. Where pivots keep being bad the rest is
    /// sorted, so no order takes a time that grows with the square of the count.
    ///
    /// - Parameter samples: The samples.
    /// - Returns: The sample of its rank; nil without samples.
    package func value<Element: Comparable>(selectedFrom samples: inout [Element]) -> Element? {
        guard !samples.isEmpty else { return nil }
        let place = rank(of: samples.count) - 1
        samples.withUnsafeMutableBufferPointer { Self.select(place, of: $0) }
        return samples[place]
    }

    /// Moves the element of a place to it, none greater before it and none less behind it.
    private static func select<Element: Comparable>(
        _ place: Int,
        of elements: UnsafeMutableBufferPointer<Element>
    ) {
        var (first, last) = (0, elements.count - 1)
        var tries = 2 * (Int.bitWidth - elements.count.leadingZeroBitCount)
        while first < last {
            guard tries > 0 else { return elements[first..<last + 1].sort() }
            tries -= 1
            let pivot = medianOfThree(elements[first], elements[first + (last - first) / 2], elements[last])
            var (left, right) = (first, last)
            while left <= right {
                while elements[left] < pivot { left += 1 }
                while pivot < elements[right] { right -= 1 }
                guard left <= right else { break }
                elements.swapAt(left, right)
                left += 1
                right -= 1
            }
            // What lies between the two equals the pivot.
            if place <= right { last = right } else if place >= left { first = left } else { return }
        }
    }

    private static func medianOfThree<Element: Comparable>(
        _ one: Element,
        _ other: Element,
        _ third: Element
    ) -> Element {
        let (low, high) = one < other ? (one, other) : (other, one)
        return third < low ? low : third < high ? third : high
    }
}
