# class: build-failure
# tool: gcc
# ecosystem: c-cpp
# step: Build
# needs: apt:g++ apt:make
# proof: error: cannot convert ‘int’ to ‘std::chrono::milliseconds’
cat >queue.hpp <<'END'
#pragma once
#include <chrono>
#include <deque>
#include <optional>

template <typename T>
class Queue {
public:
    void push(T value) { items_.push_back(std::move(value)); }
    std::optional<T> pop(std::chrono::milliseconds wait);

private:
    std::deque<T> items_;
};

template <typename T>
std::optional<T> Queue<T>::pop(std::chrono::milliseconds)
{
    if (items_.empty())
        return std::nullopt;
    T value = std::move(items_.front());
    items_.pop_front();
    return value;
}
END
cat >worker.cpp <<'END'
#include "queue.hpp"
#include <string>

int drain(Queue<std::string>& queue)
{
    int count = 0;
    while (auto line = queue.pop(250))
        count += static_cast<int>(line->size());
    return count;
}
END
printf 'worker.o: worker.cpp queue.hpp\n\tg++ -std=c++17 -O2 -Wall -c worker.cpp\n' >Makefile
#%% step
make worker.o
