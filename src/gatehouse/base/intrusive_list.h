#pragma once

namespace gatehouse::base {

// A doubly linked ring whose nodes are base classes of what they link: linking and unlinking are a few writes and
// never allocate. A node unlinks itself when it dies. Not thread-safe.
class ListNode {
 public:
  ListNode() = default;
  ListNode(const ListNode&) = delete;
  ListNode& operator=(const ListNode&) = delete;
  ~ListNode() { unlink(); }

  bool linked() const { return next_ != this; }
  void unlink() {
    next_->previous_ = previous_;
    previous_->next_ = next_;
    next_ = previous_ = this;
  }

 private:
  template <class T>
  friend class IntrusiveList;
  ListNode* next_ = this;
  ListNode* previous_ = this;
};

template <class T>
class IntrusiveList {
 public:
  IntrusiveList() = default;
  ~IntrusiveList() {
    while (!empty()) head_.next_->unlink();
  }
  bool empty() const { return !head_.linked(); }
  T& front() { return *static_cast<T*>(head_.next_); }
  T& back() { return *static_cast<T*>(head_.previous_); }
  void push_back(T& item) { insert_before(head_, item); }
  void push_front(T& item) { insert_before(*head_.next_, item); }
  // Moves everything of `other` to the end of this list.
  void splice(IntrusiveList& other) {
    while (!other.empty()) push_back(other.front());
  }

 private:
  static void insert_before(ListNode& place, ListNode& node) {
    node.unlink();
    node.previous_ = place.previous_;
    node.next_ = &place;
    place.previous_->next_ = &node;
    place.previous_ = &node;
  }
  ListNode head_;
};

}  // namespace gatehouse::base
