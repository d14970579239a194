/** A port whose every call fails once its owner is dead, as after `kill -9`. */
export function mortal<Port extends object>(port: Port, isDead: () => boolean): Port {
  return new Proxy(port, {
    get(target, member) {
      const value: unknown = Reflect.get(target, member);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (isDead()) return Promise.reject(new Error('this process was killed'));
        return value.apply(target, args);
      };
    },
  });
}
