"""The features of the linear model: README.md says what they are, src/gatehouse/ml/linear/ computes the same.

`extract` works on many texts at a time; all arithmetic of hashes is modulo 2^32.
"""
import numpy as np

VERSION = 1
PIECE = 1024  # bytes; src/gatehouse/ml/service/pieces.h
OVERLAP = 128

P = 0x2C9277B5  # of the polynomial over bytes; odd
BIGRAM = 0x9E3779B1
SKIP = 0x85EBCA77
KIND = 0x61C88647
MIX_1 = 0x7FEB352D  # the finaliser "lowbias32" of Chris Wellons' hash prospector, shortened by its last shift
MIX_2 = 0x846CA68B
UNIGRAM_KIND, BIGRAM_KIND, SKIP_KIND, GRAM_KIND, SHAPES_KIND, BEFORE_KIND, CASED_KIND = range(1, 8)
BEGIN, END = 0x02, 0x03  # around a word
SPACE, WORD, MARK = 0, 1, 2
START_SHAPE = 6  # before a text, as behind a full stop

M32 = 0xFFFFFFFF
P_INVERSE = pow(P, -1, 1 << 32)


def _byte_tables():
    kind = np.full(256, MARK, np.uint8)
    kind[:0x21] = SPACE
    kind[0x7F] = SPACE
    kind[0x80:] = WORD
    for first, last in ((0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)):
        kind[first:last + 1] = WORD
    fold = np.arange(256, dtype=np.uint8)
    fold[0x41:0x5B] += 0x20
    fold[0x30:0x3A] = 0x30
    # Lengths of the n-grams that begin at a byte: two to four characters' worth of most scripts.
    sizes = np.zeros((256, 3), np.int64)
    sizes[:0x80] = (3, 4, 5)
    sizes[0xC0:0xE0] = (4, 6, 8)
    sizes[0xE0:0xF0] = (3, 6, 9)
    sizes[0xF0:] = (4, 8, 0)
    sizes[END] = 0
    before = np.zeros((256, 3), np.int64)  # of those at the beginning of a word, by the byte behind
    before[:0x80] = (3, 4, 5)
    before[0xC0:0xE0] = (3, 5, 7)
    before[0xE0:0xF0] = (4, 7, 10)
    before[0xF0:] = (5, 9, 0)
    return kind, fold, sizes, before


KIND_OF, FOLD, SIZES, SIZES_BEFORE = _byte_tables()


def pieces(text):
    """A text (bytes) as the service shows it to the model: [bytes]."""
    out = []
    begin = 0
    while begin < len(text):
        end = len(text)
        if end - begin > PIECE + OVERLAP:
            end = _cut_before(text, begin + PIECE, OVERLAP)
        out.append(text[begin:end])
        if end == len(text):
            break
        begin = _cut_before(text, end - OVERLAP // 2, OVERLAP // 2)
    return out


def _cut_before(text, at, most):
    for i in range(at, at - most, -1):
        if text[i - 1] == 0x20 or 0x09 <= text[i - 1] <= 0x0D:
            return i
    for i in range(at, at - 4, -1):
        if text[i] & 0xC0 != 0x80:
            return i
    return at


def _normalise(raw):
    """Bytes -> folded bytes, kind of each, whether it is the upper-case form of a letter."""
    kind = KIND_OF[raw]
    byte = FOLD[raw]
    upper = (raw >= 0x41) & (raw <= 0x5A)
    lead = raw[:-1]
    second = raw[1:]
    # Latin-1, Greek and Russian capitals, in UTF-8.
    latin = np.flatnonzero((lead == 0xC3) & (second >= 0x80) & (second <= 0x9E) & (second != 0x97))
    byte[latin + 1] += 0x20
    greek_1 = np.flatnonzero((lead == 0xCE) & (second >= 0x91) & (second <= 0x9F))
    byte[greek_1 + 1] += 0x20
    greek_2 = np.flatnonzero((lead == 0xCE) & (second >= 0xA0) & (second <= 0xA9))
    byte[greek_2] = 0xCF
    byte[greek_2 + 1] -= 0x20
    russian_1 = np.flatnonzero((lead == 0xD0) & (second >= 0x90) & (second <= 0x9F))
    byte[russian_1 + 1] += 0x20
    russian_2 = np.flatnonzero((lead == 0xD0) & (second >= 0xA0) & (second <= 0xAF))
    byte[russian_2] = 0xD1
    byte[russian_2 + 1] -= 0x20
    for at in (latin, greek_1, greek_2, russian_1, russian_2):
        upper[at + 1] = True
    # Punctuation of three bytes.
    first, middle, last = raw[:-2], raw[1:-1], raw[2:]
    spaces = ((first == 0xE2) & (middle == 0x80) & (last >= 0x80) & (last <= 0x8F)) | \
             ((first == 0xE3) & (middle == 0x80) & (last == 0x80))
    marks = ((first == 0xE2) & (middle == 0x80) & (last >= 0x90) & (last <= 0xBF)) | \
            ((first == 0xE3) & (middle == 0x80) & (last >= 0x81) & (last <= 0x91)) | \
            ((first == 0xEF) & (middle == 0xBC) & (((last >= 0x81) & (last <= 0x8F)) |
                                                   ((last >= 0x9A) & (last <= 0x9F))))
    for found, becomes, code in ((spaces, SPACE, 0x20), (marks, MARK, 0x22)):
        at = np.flatnonzero(found)
        for shift in range(3):
            byte[at + shift] = code
            kind[at + shift] = becomes
    return byte, kind, upper


def _mix(x, kind):
    x = x + np.uint32(kind * KIND & M32)
    x ^= x >> np.uint32(16)
    x *= np.uint32(MIX_1)
    x ^= x >> np.uint32(15)
    x *= np.uint32(MIX_2)
    return x


class Extractor:
    def __init__(self, bits):
        self.bits = bits
        self._powers(1 << 16)

    def _powers(self, size):
        factors = np.full(size, P, np.uint32)
        factors[0] = 1
        self.power = np.multiply.accumulate(factors, dtype=np.uint32)
        factors = np.full(size, P_INVERSE, np.uint32)
        factors[0] = 1
        self.inverse = np.multiply.accumulate(factors, dtype=np.uint32)

    def extract(self, texts):
        """[bytes] -> (buckets, ends): the distinct buckets of text i are buckets[ends[i]:ends[i + 1]]."""
        # Two zero bytes before each text (space, no lead of anything) and two behind.
        raw = np.frombuffer(b"\0\0" + b"\0\0".join(texts) + b"\0\0", np.uint8)
        lengths = np.array([len(text) + 2 for text in texts], np.int64)
        text_at = np.concatenate(([2], 2 + np.cumsum(lengths)))[:-1]
        byte, kind, upper = _normalise(raw)

        # Tokens: runs of one kind.
        edge = np.flatnonzero(np.diff(kind) != 0) + 1
        begin = np.concatenate(([0], edge))
        end = np.concatenate((edge, [len(raw)]))
        keep = kind[begin] != SPACE
        begin, end = begin[keep], end[keep]
        ends = np.zeros(len(texts) + 1, np.int64)
        if len(begin) == 0:
            return np.zeros(0, np.int32), ends
        is_word = kind[begin] == WORD
        text_of = np.searchsorted(text_at, begin, "right") - 1

        # The stream: tokens behind each other, words with their marks.
        length = end - begin
        size = length + 2 * is_word
        to = np.cumsum(size) - size
        stream = np.zeros(int(size.sum()), np.uint8)
        source = np.repeat(begin - to - is_word, size) + np.arange(len(stream))
        inside = np.ones(len(stream), bool)
        inside[to[is_word]] = False
        inside[(to + size - 1)[is_word]] = False
        stream[inside] = byte[source[inside]]
        stream[to[is_word]] = BEGIN
        stream[(to + size - 1)[is_word]] = END
        if len(stream) + 16 > len(self.power):
            self._powers(2 * len(stream) + 16)
        prefix = np.zeros(len(stream) + 1, np.uint32)
        np.cumsum(stream.astype(np.uint32) * self.inverse[:len(stream)], dtype=np.uint32, out=prefix[1:])

        def polynomial(at, count):
            return (prefix[at + count] - prefix[at]) * self.power[at + count - 1]

        hashes = polynomial(to, size)
        first = np.ones(len(begin), bool)
        first[1:] = text_of[1:] != text_of[:-1]
        second = np.ones(len(begin), bool)
        second[1:] = first[1:] | first[:-1]
        before = np.where(first, 0, np.roll(hashes, 1)).astype(np.uint32)
        before_2 = np.where(second, 0, np.roll(hashes, 2)).astype(np.uint32)

        # Shapes of tokens by their letters in the text as it stands.
        def count(flags):
            sums = np.concatenate(([0], np.cumsum(flags)))
            return sums[end] - sums[begin]
        digit = (raw >= 0x30) & (raw <= 0x39)
        continuation = (raw & 0xC0) == 0x80
        letters = count((kind == WORD) & ~digit & ~continuation)
        uppers = count(upper & (kind == WORD))
        wide = raw[begin] >= 0xC0
        first_upper = upper[begin] | (wide & upper[np.minimum(begin + 1, len(raw) - 1)] & (length > 1))
        shape = np.where(uppers == 0, 0, np.where((uppers == letters) & (letters >= 2), 2,
                                                  np.where(first_upper & (uppers == 1), 1, 3)))
        shape = np.where(letters == 0, 4, shape)
        stop = (byte[begin] == 0x2E) | (byte[begin] == 0x21) | (byte[begin] == 0x3F) | (byte[begin] == 0x3A)
        shape = np.where(is_word, shape, np.where(stop, 6, 7)).astype(np.uint32)
        shape_1 = np.where(first, START_SHAPE, np.roll(shape, 1)).astype(np.uint32)
        shape_2 = np.where(second, START_SHAPE, np.roll(shape, 2)).astype(np.uint32)

        found = []  # (text, mixed hash)

        def add(texts_of, values, feature_kind):
            found.append((texts_of, _mix(values.astype(np.uint32), feature_kind)))
        add(text_of, hashes, UNIGRAM_KIND)
        add(text_of, before * np.uint32(BIGRAM) + hashes, BIGRAM_KIND)
        add(text_of[is_word], (before_2 * np.uint32(SKIP) + hashes)[is_word], SKIP_KIND)
        add(text_of[is_word], (shape_2 * np.uint32(64) + shape_1 * np.uint32(8) + shape)[is_word], SHAPES_KIND)
        cased = is_word & (shape != 0)
        add(text_of[cased], (before * np.uint32(8) + shape)[cased], BEFORE_KIND)
        add(text_of[cased], (hashes * np.uint32(8) + shape)[cased], CASED_KIND)

        # Characters inside words.
        in_word = np.repeat(is_word, size)
        at = np.flatnonzero(in_word)
        limit = np.repeat(to + size, size)[at]
        owner = np.repeat(text_of, size)[at]
        here = stream[at]
        behind = stream[np.minimum(at + 1, len(stream) - 1)]
        lengths = np.where((here == BEGIN)[:, None], SIZES_BEFORE[behind], SIZES[here])
        for column in range(3):
            count_of = lengths[:, column]
            fits = (count_of > 0) & (at + count_of <= limit)
            add(owner[fits], polynomial(at[fits], count_of[fits]), GRAM_KIND)

        texts_of = np.concatenate([texts for texts, _ in found]).astype(np.int64)
        buckets = np.concatenate([values for _, values in found]) >> np.uint32(32 - self.bits)
        keys = np.unique(texts_of << self.bits | buckets.astype(np.int64))
        np.cumsum(np.bincount(keys >> self.bits, minlength=len(texts)), out=ends[1:])
        return (keys & ((1 << self.bits) - 1)).astype(np.int32), ends
