// The lock of a Python interpreter that calls OpenMM.
#pragma once

#include <dlfcn.h>

namespace freeland {

/// While this lives, the interpreter's lock is free, if there is one and this thread held it: OpenMM's Python keeps it while
/// Contexts are made and destroyed, and a plugin may need it on another thread.
class WithoutInterpreter {
public:
    WithoutInterpreter() {
        const auto initialized = function<int()>("Py_IsInitialized");
        const auto check = function<int()>("PyGILState_Check");
        const auto save = function<void*()>("PyEval_SaveThread");
        restore = function<void(void*)>("PyEval_RestoreThread");
        if (initialized != nullptr && check != nullptr && save != nullptr && restore != nullptr && initialized() != 0 &&
            check() != 0)
            thread = save();
    }
    WithoutInterpreter(const WithoutInterpreter&) = delete;
    WithoutInterpreter& operator=(const WithoutInterpreter&) = delete;
    ~WithoutInterpreter() {
        if (thread != nullptr)
            restore(thread);
    }

private:
    template <class Signature>
    static Signature* function(const char* name) {
        return reinterpret_cast<Signature*>(dlsym(RTLD_DEFAULT, name));
    }
    void (*restore)(void*) = nullptr;
    void* thread = nullptr;
};

} // namespace freeland
