"""How a message leaves the house: one function a channel, that delivers or raises."""
